import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Slice } from "./slice.ts";

/** What the writer remembers of a subject's row. */
interface Known {
  readonly id: number;
  /** Whether it may hold measures or a description. */
  extras: boolean;
}

/** Verdicts of one statement. */
const VERDICTS = 20;

/**
 * Writes the rows of subjects. With nearly every event comes a new verdict of its subject, whose text the events have already; so a verdict
 * is two numbers, the subject's and the event's, until that event is about to be pruned.
 */
export class SubjectWriter {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #setExtras: StatementSync;
  readonly #refer: StatementSync;
  readonly #referMany: StatementSync;
  readonly #setVerdict: StatementSync;
  readonly #keepVerdicts: StatementSync;
  readonly #deleteVerdict: StatementSync;
  readonly #delete: StatementSync;
  /** By the number in slices. */
  readonly #known = new Map<number, Known>();

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql);
    this.#find = prepare(
      `SELECT id, measures IS NOT NULL OR description IS NOT NULL AS extras
       FROM subjects WHERE subject = ? AND source = ? AND origin = ?`,
    );
    this.#insert = prepare("INSERT INTO subjects (subject, source, origin) VALUES (?, ?, ?)");
    this.#setExtras = prepare("UPDATE subjects SET measures = ?, description = ? WHERE id = ?");
    const refer = "INSERT OR REPLACE INTO verdicts (id, seq) VALUES ";
    this.#refer = prepare(`${refer}(?, ?)`);
    this.#referMany = prepare(refer + Array(VERDICTS).fill("(?, ?)").join(", "));
    this.#setVerdict = prepare("INSERT OR REPLACE INTO verdicts (id, body) VALUES (?, ?)");
    this.#keepVerdicts = prepare(
      `UPDATE verdicts SET body = (SELECT body FROM events WHERE events.seq = verdicts.seq), seq = NULL
       WHERE seq <= ?`,
    );
    this.#deleteVerdict = prepare("DELETE FROM verdicts WHERE id = ?");
    this.#delete = prepare("DELETE FROM subjects WHERE id = ?");
  }

  /**
   * Writes and retires the subjects of a slice whose events are written.
   * @param oldest seq of the oldest event that is there: what a verdict refers to must not be gone
   */
  write(slice: Slice, oldest: number): void {
    this.#introduce(slice);
    const { subjects, retired, bodies, first } = slice;
    const references: number[] = [];
    for (let at = 0; at < subjects.length; at += 4) {
      const known = this.#row(subjects[at] as number);
      const latest = subjects[at + 1] as string | number | null;
      const measures = subjects[at + 2] as string | null;
      const description = subjects[at + 3] as string | null;
      if (known.extras || measures !== null || description !== null) {
        this.#setExtras.run(measures, description, known.id);
        known.extras = measures !== null || description !== null;
      }
      if (latest === null) this.#deleteVerdict.run(known.id);
      else if (typeof latest === "string") this.#setVerdict.run(known.id, latest);
      else if (first + latest < oldest) this.#setVerdict.run(known.id, bodies[latest] as string);
      else references.push(known.id, first + latest);
    }
    this.#writeReferences(references);
    for (const number of retired) this.#retire(number);
  }

  /** Makes verdicts independent of the events up to and including a seq, which may then go. */
  detach(seq: number): void {
    this.#keepVerdicts.run(seq);
  }

  /** Forgets all subjects, after a transaction that may have introduced some was undone: they are introduced again. */
  reset(): void {
    this.#known.clear();
  }

  #introduce({ introduced }: Slice): void {
    for (let at = 0; at < introduced.length; at += 4) {
      const key = introduced.slice(at + 1, at + 4) as [subject: string, source: string, origin: string];
      const row = this.#find.get(...key) as { id: number; extras: number } | undefined;
      this.#known.set(introduced[at] as number, {
        id: row ? row.id : Number(this.#insert.run(...key).lastInsertRowid),
        extras: row?.extras === 1,
      });
    }
  }

  #row(number: number): Known {
    const known = this.#known.get(number);
    if (!known) throw new Error(`subject ${number} was not introduced`);
    return known;
  }

  #writeReferences(references: readonly number[]): void {
    let at = 0;
    for (; at + 2 * VERDICTS <= references.length; at += 2 * VERDICTS)
      this.#referMany.run(...references.slice(at, at + 2 * VERDICTS));
    for (; at < references.length; at += 2)
      this.#refer.run(references[at] as number, references[at + 1] as number);
  }

  #retire(number: number): void {
    const { id } = this.#row(number);
    this.#deleteVerdict.run(id);
    this.#delete.run(id);
    this.#known.delete(number);
  }
}
