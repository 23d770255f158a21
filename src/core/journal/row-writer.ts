import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cursor } from "./port.ts";
import type { Slice } from "./slice.ts";

/** Writes what of a slice is neither event nor subject: state, dead letters, and the clean-ups. */
export class RowWriter {
  readonly #setState: StatementSync;
  readonly #deleteState: StatementSync;
  readonly #upsertCursor: StatementSync;
  readonly #insertDeadLetter: StatementSync;
  readonly #deleteDeadLetter: StatementSync;
  readonly #forget: readonly StatementSync[];

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
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

  /** Writes state and dead letters. */
  write(slice: Slice): void {
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
}
