import type { Row } from "./row.ts";

/** Rows by source, subject and origin. Sorting is put off until somebody looks, and then only what is new is sorted. */
export class SortedRows {
  #sorted: Row[] = [];
  #added: Row[] = [];
  #removed = new Set<Row>();

  add(row: Row): void {
    this.#added.push(row);
  }

  remove(row: Row): void {
    this.#removed.add(row);
  }

  /** All rows, in order. Valid until the next change. */
  all(): readonly Row[] {
    if (this.#removed.size > 0) {
      const stays = (row: Row) => !this.#removed.has(row);
      this.#sorted = this.#sorted.filter(stays);
      this.#added = this.#added.filter(stays);
      this.#removed = new Set();
    }
    if (this.#added.length > 0) {
      this.#sorted = merge(this.#sorted, this.#added.sort(compare));
      this.#added = [];
    }
    return this.#sorted;
  }
}

function compare(a: Row, b: Row): number {
  return order(a.source, b.source) || order(a.subject, b.subject) || order(a.origin, b.origin);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function merge(left: readonly Row[], right: readonly Row[]): Row[] {
  const merged: Row[] = [];
  let l = 0;
  for (const row of right) {
    for (let next = left[l]; next && compare(next, row) <= 0; next = left[++l]) merged.push(next);
    merged.push(row);
  }
  for (let next = left[l]; next; next = left[++l]) merged.push(next);
  return merged;
}
