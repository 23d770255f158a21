import { lookup } from "node:dns/promises";
import type { Clock } from "../../plugin/index.ts";

/** What a name stands for now, or why that is not known. */
export type Resolution =
  | { readonly addresses: readonly string[] }
  | { readonly addresses: null; readonly reason: string };

/** Asks the system for all addresses of a name. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** Milliseconds until a name is asked about again: it was known, or not. */
const AGAIN = 60_000;
const RETRY = 5000;

/** Milliseconds that the system may take. */
const PATIENCE = 5000;

/** The system looks names up in a few threads that all of Node shares: files are read there, too, so some must stay free. */
const AT_ONCE = 2;

/** What the system says when the name service is not there, rather than that it does not know the name. */
const PASSING = new Set(["EAI_AGAIN", "EAI_SYSTEM", "EAI_MEMORY", "ETIMEOUT", "ETIMEDOUT", "ECANCELLED"]);

interface Name {
  readonly text: string;
  readonly listeners: Set<(resolution: Resolution) => void>;
  resolution: Resolution | undefined;
  cancel: () => void;
  waiting: boolean;
}

/** Resolves names, again and again, each once for all who follow it. */
export class Names {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #lookup: Lookup;
  readonly #names = new Map<string, Name>();
  readonly #queue: Name[] = [];
  #asking = 0;

  constructor(parts: { readonly clock: Clock; readonly signal: AbortSignal }, ask: Lookup = systemLookup) {
    this.#clock = parts.clock;
    this.#signal = parts.signal;
    this.#lookup = ask;
  }

  /** Tells what the name stands for, as soon as that is known and whenever it is asked again. Returns a function that ends it. */
  follow(text: string, listener: (resolution: Resolution) => void): () => void {
    let name = this.#names.get(text);
    if (!name) {
      name = { text, listeners: new Set(), resolution: undefined, cancel: () => {}, waiting: false };
      this.#names.set(text, name);
      this.#ask(name);
    }
    const followed = name;
    followed.listeners.add(listener);
    if (followed.resolution) listener(followed.resolution);
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size > 0 || this.#names.get(text) !== followed) return;
      followed.cancel();
      this.#names.delete(text);
    };
  }

  #ask(name: Name): void {
    if (name.waiting || this.#signal.aborted) return;
    name.waiting = true;
    this.#queue.push(name);
    this.#next();
  }

  #next(): void {
    while (this.#asking < AT_ONCE) {
      const name = this.#queue.shift();
      if (!name) return;
      if (name.listeners.size === 0 && this.#names.get(name.text) !== name) continue;
      this.#asking += 1;
      void this.#resolve(name);
    }
  }

  async #resolve(name: Name): Promise<void> {
    const asked = this.#lookup(name.text);
    // A lookup that hangs keeps its thread, and so its place here.
    const done = () => {
      this.#asking -= 1;
      this.#next();
    };
    asked.then(done, done);
    let resolution: Resolution;
    let passing = false;
    try {
      resolution = { addresses: await this.#within(asked) };
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      passing = PASSING.has(code);
      const reason = code === "ENOTFOUND" ? "the name does not exist" : code || message;
      resolution = { addresses: null, reason: `${name.text} cannot be resolved: ${reason}` };
    }
    name.waiting = false;
    if (this.#signal.aborted || this.#names.get(name.text) !== name) return;
    // Where the name service is away, what it said last still holds.
    if (!(passing && name.resolution?.addresses)) name.resolution = resolution;
    name.cancel = this.#clock.setTimeout(
      () => this.#ask(name),
      resolution.addresses ? AGAIN : RETRY,
      this.#signal,
    );
    for (const listener of [...name.listeners]) listener(name.resolution ?? resolution);
  }

  async #within(asked: Promise<readonly string[]>): Promise<readonly string[]> {
    const late = new AbortController();
    const timeout = this.#clock.sleep(PATIENCE, AbortSignal.any([late.signal, this.#signal])).then(() => {
      throw Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
    });
    try {
      return await Promise.race([asked, timeout]);
    } finally {
      timeout.catch(() => {});
      late.abort();
    }
  }
}

async function systemLookup(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, order: "verbatim" });
  return [...new Set(found.map(({ address }) => address))];
}
