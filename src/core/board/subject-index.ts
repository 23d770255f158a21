import type { Row } from "./row.ts";

/** Rows by subject alone. Nearly every subject has one row, so a list is made only for those with more. */
export class SubjectIndex {
  readonly #rows = new Map<string, Row | readonly Row[]>();

  add(row: Row): void {
    this.#rows.set(row.subject, this.#rows.has(row.subject) ? [...this.find(row.subject), row] : row);
  }

  remove(row: Row): void {
    const rest = this.find(row.subject).filter((other) => other !== row);
    if (rest.length === 0) this.#rows.delete(row.subject);
    else this.#rows.set(row.subject, rest.length === 1 ? (rest[0] as Row) : rest);
  }

  find(subject: string): readonly Row[] {
    const found = this.#rows.get(subject);
    if (found === undefined) return [];
    return Array.isArray(found) ? (found as readonly Row[]) : [found as Row];
  }
}
