import type { Json } from "../../plugin/index.ts";
import { type Change, subjectKey } from "./change.ts";

/** Prefix of the keys of the sink's state. */
const UNHEARD = "u/";

/**
 * The subjects of whose episode nobody has heard: its DOWN was given up, and nothing else about it was told since. It is in the sink's
 * state, as its recovery may come long after, and is not to be told then.
 */
export class Unheard {
  readonly #save: (key: string, value: Json) => void;
  readonly #keys = new Set<string>();

  /** @param save stages a value of the sink's state; null deletes @param stored the sink's state as it was saved */
  constructor(
    save: (key: string, value: Json) => void,
    stored: ReadonlyArray<readonly [key: string, value: Json]>,
  ) {
    this.#save = save;
    for (const [key] of stored) if (key.startsWith(UNHEARD)) this.#keys.add(key.slice(UNHEARD.length));
  }

  /** All of these subjects. */
  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  /** Whether nobody has heard of the episode of a subject, though somebody was to. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Changes will never be told. To be called in the order in which they became due. */
  givenUp(changes: readonly Change[]): void {
    for (const change of changes)
      if (change.kind === "down") this.#add(subjectKey(change));
      else if (change.kind === "recovered") this.forget(subjectKey(change));
  }

  /** Somebody heard of the subject's episode, or it is over. */
  forget(key: string): void {
    if (this.#keys.delete(key)) this.#save(UNHEARD + key, null);
  }

  #add(key: string): void {
    this.#keys.add(key);
    this.#save(UNHEARD + key, true);
  }
}
