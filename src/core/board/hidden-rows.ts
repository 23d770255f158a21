import type { SubjectKey } from "../journal/port.ts";
import type { Row } from "./row.ts";
import { SubjectMap } from "./subject-map.ts";

/** Rows that no event has made known yet, kept alive by the monitors that hold their cells and by nothing else. */
export class HiddenRows {
  readonly #rows = new SubjectMap<WeakRef<Row>>();
  readonly #gone = new FinalizationRegistry<SubjectKey>((key) => {
    if (!this.#rows.get(key)?.deref()) this.#rows.delete(key);
  });

  get size(): number {
    return this.#rows.size;
  }

  add(row: Row): void {
    const { origin, source, subject } = row;
    this.#rows.set(row, new WeakRef(row));
    this.#gone.register(row, { origin, source, subject });
  }

  get(key: SubjectKey): Row | undefined {
    return this.#rows.get(key)?.deref();
  }

  /** Takes a row out, to make it known. */
  take(key: SubjectKey): Row | undefined {
    const row = this.get(key);
    this.#rows.delete(key);
    return row;
  }
}
