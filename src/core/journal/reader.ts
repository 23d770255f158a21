import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Envelope, Json } from "../../plugin/index.ts";
import type { Cursor, DeadLetter, SubjectRow } from "./port.ts";
import {
  type CursorRow,
  cursorOf,
  type DeadLetterRow,
  deadLetterOf,
  type SubjectTableRow,
  subjectOf,
} from "./rows.ts";

/** The reading side of a journal. With a connection of its own it sees what is committed, and no commit ever makes it wait. */
export class JournalReader {
  readonly #after: StatementSync;
  readonly #changes: StatementSync;
  readonly #has: StatementSync;
  readonly #subjects: StatementSync;
  readonly #state: StatementSync;
  readonly #cursor: StatementSync;
  readonly #cursors: StatementSync;
  readonly #deadLetters: StatementSync;
  readonly #range: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#after = prepare("SELECT body FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?");
    this.#changes = prepare(
      "SELECT body FROM events WHERE change = 1 AND seq <= ? ORDER BY seq DESC LIMIT ?",
    );
    this.#has = prepare("SELECT 1 FROM events WHERE own_id = ? LIMIT 1");
    this.#subjects = prepare(
      `SELECT subject, source, origin, coalesce(verdicts.body, events.body) AS latest, measures, description
       FROM subjects LEFT JOIN verdicts USING (id) LEFT JOIN events USING (seq) ORDER BY id`,
    );
    // The upper end of a prefix: no UTF-8 text has the byte FF.
    this.#state = prepare(
      "SELECT key, value FROM state WHERE owner = ?1 AND key >= ?2 AND key < CAST(?2 || x'FF' AS TEXT) ORDER BY key",
    );
    this.#cursor = prepare("SELECT * FROM cursors WHERE sink = ?");
    this.#cursors = prepare("SELECT * FROM cursors ORDER BY sink");
    this.#deadLetters = prepare(
      "SELECT id, sink, at, reason, attempts, body FROM dead_letters WHERE sink = ? ORDER BY id LIMIT ?",
    );
    this.#range = prepare(
      "SELECT (SELECT min(seq) FROM events) AS low, (SELECT max(seq) FROM events) AS high",
    );
    this.#after.setReturnArrays(true);
    this.#changes.setReturnArrays(true);
  }

  /** Seqs of the oldest and the newest event; null in a new journal. */
  range(): { readonly oldest: number; readonly head: number } | null {
    const { low, high } = this.#range.get() as { low: number | null; high: number | null };
    return low === null || high === null ? null : { oldest: low, head: high };
  }

  /** Envelopes after a seq, up to `head`: at most `limit`, and none after the one that reaches `maxBytes`. */
  after(seq: number, head: number, limit: number, maxBytes: number): Envelope[] {
    const envelopes: Envelope[] = [];
    let bytes = 0;
    for (const row of this.#after.iterate(seq, head, limit)) {
      const body = bodyOf(row);
      bytes += body.length;
      if (envelopes.length > 0 && bytes > maxBytes) break;
      envelopes.push(JSON.parse(body));
    }
    return envelopes;
  }

  changes(head: number, limit: number): Envelope[] {
    return this.#changes.all(head, limit).map((row) => JSON.parse(bodyOf(row)));
  }

  has(id: string): boolean {
    return this.#has.get(id) !== undefined;
  }

  subjects(): SubjectRow[] {
    return this.#subjects.all().map((row) => subjectOf(row as unknown as SubjectTableRow));
  }

  state(owner: string, prefix: string): Array<[key: string, value: Json]> {
    return this.#state
      .all(owner, prefix)
      .map(({ key, value }): [string, Json] => [key as string, JSON.parse(value as string)])
      .filter(([key]) => key.startsWith(prefix));
  }

  cursor(sink: string): Cursor | undefined {
    const row = this.#cursor.get(sink);
    return row && cursorOf(row as unknown as CursorRow);
  }

  cursors(): Cursor[] {
    return this.#cursors.all().map((row) => cursorOf(row as unknown as CursorRow));
  }

  deadLetters(sink: string, limit: number): Array<DeadLetter & { readonly id: number }> {
    return this.#deadLetters.all(sink, limit).map((row) => deadLetterOf(row as unknown as DeadLetterRow));
  }
}

/** The only column of a row that was asked for as an array. */
function bodyOf(row: unknown): string {
  return (row as readonly [string])[0];
}
