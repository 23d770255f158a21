import type { State } from "../../plugin/index.ts";
import type { Journal } from "../journal/port.ts";

/** A source's key-value store: reads what is committed, and writes through the journal, so that it orders with checkpoints. */
export function sourceState(journal: Journal, owner: string): State {
  return {
    async get(key) {
      return journal.state(owner, key).find(([found]) => found === key)?.[1];
    },
    set: (key, value) => journal.append({ state: [{ owner, key, value }] }),
    delete: (key) => journal.append({ state: [{ owner, key, value: null }] }),
    async entries(prefix = "") {
      return journal.state(owner, prefix);
    },
  };
}
