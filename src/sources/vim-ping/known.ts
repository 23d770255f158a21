import { type State, z } from "../../plugin/index.ts";

/** What is remembered of one VIM over restarts. Never a credential. */
export interface KnownVim {
  readonly subject: string;
  readonly name: string;
  readonly type: string | undefined;
  /** Without user names and passwords. */
  readonly url: string;
}

const stored = z.array(
  z.object({ subject: z.string(), name: z.string(), type: z.string().nullable(), url: z.string() }),
);

const PREFIX = "known/";

/**
 * Remembers which VIMs there were, each list under the name of where they come from: so that one that vanished meanwhile is unregistered at
 * the next start, and one that only a Tacker knows is watched before that answers.
 */
export class Known {
  readonly #state: State;
  readonly #written = new Map<string, string>();

  constructor(state: State) {
    this.#state = state;
  }

  /** All lists, by name. What cannot be read counts as nothing. */
  async load(): Promise<Map<string, readonly KnownVim[]>> {
    const lists = new Map<string, readonly KnownVim[]>();
    for (const [key, value] of await this.#state.entries(PREFIX)) {
      const parsed = stored.safeParse(value);
      const list = parsed.success ? parsed.data : [];
      lists.set(
        key.slice(PREFIX.length),
        list.map(({ type, ...rest }) => ({ ...rest, type: type ?? undefined })),
      );
      this.#written.set(key, JSON.stringify(value));
    }
    return lists;
  }

  /** Remembers a list instead of the last of that name; the same again costs nothing. */
  async save(name: string, vims: readonly KnownVim[]): Promise<void> {
    const key = PREFIX + name;
    const value = vims.map(({ subject, name, type, url }) => ({ subject, name, type: type ?? null, url }));
    const text = JSON.stringify(value);
    if (this.#written.get(key) === text) return;
    if (vims.length === 0) await this.#state.delete(key);
    else await this.#state.set(key, value);
    this.#written.set(key, text);
  }
}
