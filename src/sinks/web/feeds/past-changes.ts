import type { Clock, History, HistoryFilter, PastEvent, SinkContext } from "../../../plugin/index.ts";

/** Most feeds whose past is remembered, and milliseconds that it is. */
const FEEDS = 100;
const FRESH = 60_000;
/** Milliseconds after which a history that failed is asked again. */
const RETRY = 10_000;
/** Milliseconds that a history may be behind the board: what happened so shortly before it was read may not have been in it. */
const LAG = 5000;
/** Milliseconds that a reader of a feed waits for the history, and that the history may take at all. */
const PATIENCE = 1000;
const LIMIT = 30_000;
/** Most pages that are looked through for the changes of an instance, most sources that it has, and most episodes of each. */
const PAGES = 5;
const SOURCES = 20;
const EPISODES = 1000;

/** What the history tells of changes that were before those which the board remembers. */
export interface Past {
  /** Differs when the rest does. */
  readonly version: number;
  readonly changes: readonly PastEvent[];
  /** When episodes began, RFC 3339, by their ids. */
  readonly began: ReadonlyMap<string, string>;
}

/** Whose changes: those that one of the filters and the test let through. */
export interface PastOf {
  /** Names the feed. */
  readonly key: string;
  readonly filters: readonly HistoryFilter[];
  readonly test: (change: PastEvent) => boolean;
  /** How many are enough. */
  readonly enough: number;
  /** RFC 3339: where the board's memory begins, if that is not the beginning of everything. What is before it must not be older than that. */
  readonly boardFrom: string | undefined;
}

const NOTHING: Past = { version: 0, changes: [], began: new Map() };

interface Entry {
  past: Past;
  /** Wall clock: until when it was read. */
  read: number;
  /** Monotonic: when it has to be read again. */
  due: number;
  reading: Promise<void> | undefined;
}

/** Remembers, for each feed, what the history told, so that readers of feeds cost the history little, and never wait long for it. */
export class PastChanges {
  readonly #ctx: Pick<SinkContext, "clock" | "history" | "signal" | "log">;
  readonly #entries = new Map<string, Entry>();

  constructor(ctx: Pick<SinkContext, "clock" | "history" | "signal" | "log">) {
    this.#ctx = ctx;
  }

  /** What is known now, after a moment for the history to answer. Never rejects: without a history, or a slow one, it is what was known before. */
  async of(asked: PastOf): Promise<Past> {
    const { clock, history } = this.#ctx;
    if (history === undefined) return NOTHING;
    const entry = this.#entries.get(asked.key) ?? {
      past: NOTHING,
      read: 0,
      due: Number.NEGATIVE_INFINITY,
      reading: undefined,
    };
    this.#remember(asked.key, entry);
    const gap = asked.boardFrom !== undefined && Date.parse(asked.boardFrom) > entry.read - LAG;
    if (gap || clock.monotonic() >= entry.due) entry.reading ??= this.#read(history, asked, entry);
    if (entry.reading) await withinPatience(clock, entry.reading);
    return entry.past;
  }

  /** The one that was asked for last is dropped last. */
  #remember(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= FEEDS) break;
      this.#entries.delete(oldest);
    }
  }

  async #read(history: History, asked: PastOf, entry: Entry): Promise<void> {
    const { clock, signal, log } = this.#ctx;
    const limit = new AbortController();
    const cancel = clock.setTimeout(() => limit.abort(), LIMIT, signal);
    const now = clock.now();
    try {
      const read = await readPast(history, asked, AbortSignal.any([signal, limit.signal]));
      entry.past = { ...read, version: entry.past.version + 1 };
      entry.read = now;
      entry.due = clock.monotonic() + FRESH;
    } catch (error) {
      log.debug("a feed goes without history", { error: (error as Error).message });
      entry.due = clock.monotonic() + RETRY;
    } finally {
      cancel();
      entry.reading = undefined;
    }
  }
}

async function readPast(
  history: History,
  { filters, test, enough }: PastOf,
  signal: AbortSignal,
): Promise<Omit<Past, "version">> {
  const changes: PastEvent[] = [];
  const began = new Map<string, string>();
  for (const filter of filters.slice(0, SOURCES)) {
    let found = 0;
    let after: string | undefined;
    for (let pages = 0; pages < PAGES && found < enough; pages++) {
      const { items, next } = await history.events(
        { ...filter, changes: true, limit: enough, after },
        signal,
      );
      const wanted = items.filter(test).slice(0, enough - found);
      changes.push(...wanted);
      found += wanted.length;
      if (next === null) break;
      after = next;
    }
    const episodes = await history.episodes({ ...filter, limit: EPISODES }, signal);
    for (const episode of episodes.items) began.set(episode.id, episode.began);
  }
  return { changes, began };
}

async function withinPatience(clock: Clock, reading: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.setTimeout(resolve, PATIENCE);
  await Promise.race([reading, promise]);
  cancel();
}
