import { parentPort, workerData } from "node:worker_threads";
import { LifeguardError } from "../../plugin/index.ts";
import type { Calls, Reply, Request } from "./messages.ts";
import { type Packed, unpack } from "./packed.ts";
import { failureOf } from "./store/failure.ts";
import { PartQueue } from "./store/part-queue.ts";
import { HistoryStore, type StoreOptions } from "./store/store.ts";

/** The store's thread: all work on the database happens here, so that none of it ever stops the main thread. */
const port = parentPort;
if (!port) throw new Error("the store of the sink database runs as a worker thread only");

type Query = Exclude<Request, { call: "abort" | "part" | "write" }>;
type Answer = Calls[keyof Calls]["answer"];

const reply = (message: Reply) => port.postMessage(message);
const aborts = new Map<number, AbortController>();
/** The batches that are being written, or whose parts are still coming. */
const queues = new Map<number, PartQueue>();

function failed(id: number, error: unknown): void {
  const code = error instanceof LifeguardError ? error.code : undefined;
  reply({ id, failure: { ...failureOf(error), code } });
}

/** Works on a call, and answers it. */
async function serve(id: number, work: (signal: AbortSignal) => Promise<Answer>): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    reply({ id, answer: await work(abort.signal) });
  } catch (error) {
    failed(id, error);
  } finally {
    aborts.delete(id);
    queues.delete(id);
  }
}

async function answer(store: HistoryStore, query: Query, signal: AbortSignal): Promise<Answer> {
  switch (query.call) {
    case "watched":
      await store.watched(query.argument, signal);
      return undefined;
    case "unwatched":
      await store.unwatched(query.argument, signal);
      return undefined;
    case "sources":
      await store.sources(query.argument, signal);
      return undefined;
    case "prune":
      return store.prune(query.argument);
    case "events":
      return store.read((reader) => reader.events(query.argument), signal);
    case "episodes":
      await store.settled();
      return store.read((reader) => reader.episodes(query.argument), signal);
    case "days":
      // What comes on further pages was saved for the first one.
      if (query.argument.after === undefined) await store.settled();
      return store.read((reader) => reader.days(query.argument), signal);
    case "measures":
      return store.read((reader) => reader.measures(query.argument.query, query.argument.now), signal);
    default:
      await store.close();
      return undefined;
  }
}

/** The first part begins the write; what follows is only queued. A part that comes after the write has failed is of no use any more. */
function take(store: HistoryStore, id: number, text: string): void {
  let queue = queues.get(id);
  if (!queue) {
    const begun = new PartQueue();
    queue = begun;
    queues.set(id, begun);
    void begin(store, id, begun);
  }
  queue.push(() => (JSON.parse(text) as Packed[]).map(unpack));
}

/** Writes what comes. It answers when the last part is there, so that no part comes for a call that is over. */
async function begin(store: HistoryStore, id: number, queue: PartQueue): Promise<void> {
  await serve(id, async (signal) => {
    signal.addEventListener("abort", () => queue.fail(signal.reason), { once: true });
    try {
      await store.write(queue, signal);
    } finally {
      await queue.ended();
    }
    return undefined;
  });
}

function hear(store: HistoryStore, request: Request): void {
  const { id } = request;
  if (request.call === "part") take(store, id, request.text);
  else if (request.call === "write") queues.get(id)?.complete();
  else if (request.call === "abort") aborts.get(id)?.abort(new Error("given up"));
  else
    void serve(id, (signal) => answer(store, request, signal)).then(() => {
      if (request.call === "close") port?.close();
    });
}

try {
  const store = await HistoryStore.open(workerData as StoreOptions);
  port.on("message", (request: Request) => hear(store, request));
  reply({ id: 0, answer: undefined });
} catch (error) {
  failed(0, error);
  port.close();
}
