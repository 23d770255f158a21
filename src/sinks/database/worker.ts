import { parentPort, workerData } from "node:worker_threads";
import { type Envelope, LifeguardError } from "../../plugin/index.ts";
import type { Calls, Reply, Request } from "./messages.ts";
import { failureOf } from "./store/failure.ts";
import { HistoryStore, type StoreOptions } from "./store/store.ts";

/** The store's thread: all work on the database happens here, so that none of it ever stops the main thread. */
const port = parentPort;
if (!port) throw new Error("the store of the sink database runs as a worker thread only");

const reply = (message: Reply) => port.postMessage(message);
const aborts = new Map<number, AbortController>();
/** Parts of writes that are not complete yet. */
const parts = new Map<number, Envelope[]>();

type Call = Exclude<Request, { call: "abort" | "part" }>;

function failed(id: number, error: unknown): void {
  const code = error instanceof LifeguardError ? error.code : undefined;
  reply({ id, failure: { ...failureOf(error), code } });
}

async function serve(store: HistoryStore, request: Call): Promise<void> {
  const abort = new AbortController();
  aborts.set(request.id, abort);
  try {
    reply({ id: request.id, answer: await answer(store, request, abort.signal) });
  } catch (error) {
    failed(request.id, error);
  } finally {
    aborts.delete(request.id);
  }
}

async function answer(
  store: HistoryStore,
  request: Call,
  signal: AbortSignal,
): Promise<Calls[keyof Calls]["answer"]> {
  switch (request.call) {
    case "write": {
      const batch = parts.get(request.id) ?? [];
      parts.delete(request.id);
      await store.write(batch, signal);
      return undefined;
    }
    case "watched":
      await store.watched(request.argument, signal);
      return undefined;
    case "prune":
      return store.prune(request.argument);
    case "events":
      return (await store.settled()).events(request.argument);
    case "episodes":
      return (await store.settled()).episodes(request.argument);
    case "days":
      return (await store.settled()).days(request.argument);
    case "measures":
      return (await store.settled()).measures(request.argument.query, request.argument.now);
    default:
      await store.close();
      return undefined;
  }
}

try {
  const store = await HistoryStore.open(workerData as StoreOptions);
  port.on("message", (request: Request) => {
    if (request.call === "abort") {
      parts.delete(request.id);
      aborts.get(request.id)?.abort(new Error("given up"));
    } else if (request.call === "part") {
      const more = JSON.parse(request.text) as Envelope[];
      const before = parts.get(request.id);
      if (before) before.push(...more);
      else parts.set(request.id, more);
    } else
      void serve(store, request).then(() => {
        if (request.call === "close") port.close();
      });
  });
  reply({ id: 0, answer: undefined });
} catch (error) {
  failed(0, error);
  port.close();
}
