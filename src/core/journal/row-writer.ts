import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cursor } from "./port.ts";
import type { Slice } from "./slice.ts";

/** Writes everything of a slice that is not an event: subjects, state, dead letters, and the clean-ups. */
export class RowWriter {
  readonly #upsertSubject: StatementSync;
  readonly #retireSubject: StatementSync;
  readonly #setState: StatementSync;
  readonly #deleteState: StatementSync;
  readonly #upsertCursor: StatementSync;
  readonly #insertDeadLetter: StatementSync;
  readonly #deleteDeadLetter: StatementSync;
  readonly #forget: readonly StatementSync[];

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#upsertSubject = prepare(
      `INSERT INTO subjects (subject, source, origin, latest, measures, description) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (subject, source, origin)
       DO UPDATE SET latest = excluded.latest, measures = excluded.measures, description = excluded.description`,
    );
    this.#retireSubject = prepare("DELETE FROM subjects WHERE subject = ? AND source = ? AND origin = ?");
    this.#setState = prepare(
      `INSERT INTO state (owner, key, value) VALUES (?, ?, ?)
       ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value`,
    );
    this.#deleteState = prepare("DELETE FROM state WHERE owner = ? AND key = ?");
    this.#upsertCursor = prepare(
      `INSERT OR REPLACE INTO cursors (sink, seq, base, delivered, filtered, dead_lettered, dropped)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    // A group may be written twice when its writer died before it could say that it had committed.
    this.#insertDeadLetter = prepare(
      `INSERT INTO dead_letters (sink, seq, at, reason, attempts, body) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (sink, seq) DO NOTHING`,
    );
    this.#deleteDeadLetter = prepare("DELETE FROM dead_letters WHERE id = ?");
    this.#forget = [
      prepare("DELETE FROM state WHERE owner = ?1"),
      prepare("DELETE FROM cursors WHERE 'sink/' || sink = ?1"),
      prepare("DELETE FROM dead_letters WHERE 'sink/' || sink = ?1"),
    ];
  }

  /** Forgets owners and dead letters: what later rows of the same slice bring back stays. */
  cleanUp(slice: Slice): void {
    for (const owner of slice.forgotten) for (const statement of this.#forget) statement.run(owner);
    for (const id of slice.deletedDeadLetters) this.#deleteDeadLetter.run(id);
  }

  /** Writes subjects, state and dead letters. */
  write(slice: Slice): void {
    this.#writeSubjects(slice);
    for (const { owner, key, value } of slice.state)
      if (value === null) this.#deleteState.run(owner, key);
      else this.#setState.run(owner, key, value);
    for (const { sink, seq, at, reason, attempts, body } of slice.deadLetters)
      this.#insertDeadLetter.run(sink, seq, at, reason, attempts, body);
  }

  writeCursor(cursor: Cursor): void {
    const { sink, seq, base, delivered, filtered, deadLettered, dropped } = cursor;
    this.#upsertCursor.run(sink, seq, base, delivered, filtered, deadLettered, dropped);
  }

  #writeSubjects({ subjects, retired, bodies }: Slice): void {
    for (let at = 0; at < subjects.length; at += 6) {
      const [subject, source, origin, latest, measures, description] = subjects.slice(
        at,
        at + 6,
      ) as SubjectValues;
      const text = typeof latest === "number" ? (bodies[latest] as string) : latest;
      this.#upsertSubject.run(subject, source, origin, text, measures, description);
    }
    for (let at = 0; at < retired.length; at += 3) this.#retireSubject.run(...retired.slice(at, at + 3));
  }
}

type SubjectValues = [string, string, string, string | number | null, string | null, string | null];
