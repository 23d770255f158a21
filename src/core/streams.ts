import {
  type Board,
  compileStateFilter,
  type OpenStream,
  type ResumeToken,
  type StreamItem,
  type StreamOptions,
} from "../plugin/index.ts";
import type { Journal } from "./journal/port.ts";
import type { Published } from "./streams/published.ts";
import { Reader } from "./streams/reader.ts";
import { formatToken, parseToken } from "./streams/token.ts";

/** What streams are made from. */
export interface StreamsOptions {
  readonly journal: Pick<Journal, "epoch">;
  readonly published: Published;
  readonly board: Pick<Board, "subjects">;
  /** Ends all of them: the life of the component that opened them. */
  readonly signal: AbortSignal;
}

const MAX_EVENTS = 1000;
const MAX_BYTES = 2 ** 20;

/** Where a stream begins, or why there is a gap before what it can have. */
type Start = { readonly seq: number } | { readonly gap: string };

/** Makes what opens streams for one component. */
export function openStreams(options: StreamsOptions): OpenStream {
  return (request = {}) => new Stream(options, request);
}

/** The position of the newest event that the board and the streams have seen. */
export function currentPosition({
  journal,
  published,
}: Pick<StreamsOptions, "journal" | "published">): ResumeToken {
  return formatToken(journal.epoch, published.head);
}

/** One stream. Its `return` ends a `next` that waits, which an async generator alone would not. */
class Stream implements AsyncIterableIterator<StreamItem, undefined> {
  readonly #end = new AbortController();
  readonly #items: AsyncGenerator<StreamItem, undefined>;
  readonly #detach: () => void;

  constructor(options: StreamsOptions, request: StreamOptions) {
    const end = () => this.#finish();
    const signals = [options.signal, request.signal].filter((signal) => signal !== undefined);
    for (const signal of signals) signal.addEventListener("abort", end, { once: true });
    this.#detach = () => {
      for (const signal of signals) signal.removeEventListener("abort", end);
    };
    // Found now and not at the first `next`: "from now on" means from here.
    const { published, journal } = options;
    const start =
      request.after === undefined
        ? { seq: published.head }
        : findStart(request.after, journal.epoch, published);
    this.#items = items(options, request, start, this.#end.signal);
    if (signals.some((signal) => signal.aborted)) this.#finish();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<StreamItem, undefined>> {
    return this.#items.next().then(
      (result) => {
        if (result.done) this.#finish();
        return result;
      },
      (error: unknown) => {
        this.#finish();
        throw error;
      },
    );
  }

  return(): Promise<IteratorResult<StreamItem, undefined>> {
    this.#finish();
    return this.#items.return(undefined);
  }

  #finish(): void {
    this.#detach();
    this.#end.abort();
  }
}

async function* items(
  { journal, published, board }: StreamsOptions,
  { filter, max = MAX_EVENTS }: StreamOptions,
  start: Start,
  signal: AbortSignal,
): AsyncGenerator<StreamItem, undefined> {
  const follows = compileStateFilter(filter);
  const reader = new Reader({ published, after: "seq" in start ? start.seq : published.head, filter });
  let gap = "gap" in start ? start.gap : null;
  while (!signal.aborted) {
    if (gap !== null) {
      yield { kind: "gap", reason: gap };
      gap = null;
      // Board and head in one go: what comes after the token is not in the snapshot, and the rest is.
      reader.seek(published.head);
      const token = formatToken(journal.epoch, reader.position);
      yield { kind: "snapshot", subjects: board.subjects().filter(follows), token };
      continue;
    }
    const read = await reader.next(max, MAX_BYTES, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (!read) return undefined;
    if (read.pruned > 0) gap = `${read.pruned} events were pruned before they were read`;
    else yield { kind: "events", events: read.envelopes, token: formatToken(journal.epoch, read.to) };
  }
  return undefined;
}

/** Where a token points, or why there is a gap behind it. */
function findStart(
  token: ResumeToken,
  epoch: string,
  { oldest, head }: Pick<Published, "oldest" | "head">,
): Start {
  const found = parseToken(token);
  if (!found) return { gap: "the position is not one of lifeguard" };
  if (found.epoch !== epoch) return { gap: "the position is one of another journal" };
  if (found.seq > head) return { gap: "the position is beyond the end of the journal" };
  if (found.seq + 1 < oldest)
    return { gap: `${oldest - 1 - found.seq} events after the position were pruned` };
  return { seq: found.seq };
}
