import type { Json } from "../../plugin/index.ts";
import { type Change, subjectKey } from "./change.ts";
import { numberKey, numberOf } from "./number-key.ts";

/** One change that is owed. */
export interface Queued {
  readonly number: number;
  readonly change: Change;
  readonly key: string;
  /** The message that tells it; undefined while it waits for others. */
  message: number | undefined;
}

/** Prefix of the keys of changes in the sink's state. */
const CHANGE = "c/";

/** The changes that are owed, in the order in which they became so. */
export class ChangeQueue {
  readonly #save: (key: string, value: Json) => void;
  readonly #changes = new Map<number, Queued>();
  /** How many there are of a subject. */
  readonly #counts = new Map<string, number>();

  /** @param save stages a value of the sink's state; null deletes @param stored the sink's state as it was saved */
  constructor(
    save: (key: string, value: Json) => void,
    stored: ReadonlyArray<readonly [key: string, value: Json]>,
  ) {
    this.#save = save;
    for (const [key, value] of stored) if (key.startsWith(CHANGE)) this.#add(numberOf(key), value as Change);
  }

  get size(): number {
    return this.#changes.size;
  }

  /** The number of the last one; 0 where there is none. */
  get last(): number {
    return [...this.#changes.keys()].at(-1) ?? 0;
  }

  /** All of them, in their order. */
  all(): readonly Queued[] {
    return [...this.#changes.values()];
  }

  /** Those of one message. */
  of(message: number): readonly Queued[] {
    return this.all().filter((queued) => queued.message === message);
  }

  get(number: number): Queued | undefined {
    return this.#changes.get(number);
  }

  /** Whether there is one of a subject. */
  has(key: string): boolean {
    return this.#counts.has(key);
  }

  /** Appends a change under a number that is greater than all before. */
  push(number: number, change: Change): void {
    this.#add(number, change);
    this.#save(numberKey(CHANGE, number), change);
  }

  remove({ number, key }: Queued): void {
    if (!this.#changes.delete(number)) return;
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
    this.#save(numberKey(CHANGE, number), null);
  }

  #add(number: number, change: Change): void {
    const key = subjectKey(change);
    this.#changes.set(number, { number, change, key, message: undefined });
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}
