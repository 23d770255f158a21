import {
  type Envelope,
  LifeguardError,
  PermanentError,
  RetryableError,
  type Sink,
  type SinkContext,
} from "../../plugin/index.ts";
import { DatabaseFile } from "./database-file.ts";
import { historyOf } from "./history.ts";
import { pack } from "./packed.ts";
import type { Place } from "./store/connected.ts";
import type { Retention } from "./store/retention.ts";
import { StoreThread } from "./store-thread.ts";
import { Upkeep } from "./upkeep.ts";

/** Most of one transaction. */
const CHUNK_EVENTS = 5000;
/** Most of what the main thread turns into a text in one go: while it makes the next part, the store's thread reads this one. */
const PART_EVENTS = 125;
const PART_CHARACTERS = 2 ** 18;
/** Less than the second that the end of everything may take. */
const CLOSE_WITHIN_MS = 800;

/** What the sink is made from. */
export interface DatabaseOptions {
  readonly place: Place;
  readonly retention: Retention;
  /** When this process started, whole milliseconds since the epoch. */
  readonly started: number;
}

/** Opens the database and starts the sink on it. */
export async function databaseSink(
  { place, retention, started }: DatabaseOptions,
  ctx: SinkContext,
): Promise<Sink> {
  const thread = new StoreThread({ place, retention, origin: ctx.origin, started, position: ctx.position() });
  try {
    await thread.open();
  } catch (error) {
    await thread.close(CLOSE_WITHIN_MS);
    throw error instanceof LifeguardError ? error : new RetryableError(String(error));
  }
  const file = place.kind === "sqlite" ? new DatabaseFile(place.path) : undefined;
  file?.opened();
  const upkeep = new Upkeep(thread, ctx);
  upkeep.start();
  return {
    history: historyOf(thread, ctx),
    async write(batch, signal) {
      upkeep.writing = true;
      if (file?.lost) await beginAnew(thread, file, ctx);
      await upkeep.tellGaps(signal);
      await writeChunks(thread, batch, signal);
      upkeep.writing = false;
    },
    async close() {
      await upkeep.stop();
      await thread.close(CLOSE_WITHIN_MS);
    },
  };
}

/** Opens the database again where its file is gone, so that only the past is lost. */
async function beginAnew(thread: StoreThread, file: DatabaseFile, { log }: SinkContext): Promise<void> {
  await thread.end(CLOSE_WITHIN_MS);
  file.removeCompanions();
  await thread.open();
  file.opened();
  log.warn(
    "the database's file was removed or replaced: it was opened anew, and what the old one held is lost",
  );
}

/** Each chunk is a transaction of its own. What is written when a later one fails need not come back, but may. */
async function writeChunks(
  thread: StoreThread,
  batch: readonly Envelope[],
  signal: AbortSignal,
): Promise<void> {
  const refused: string[] = [];
  let reason = "";
  let from = 0;
  while (from < batch.length) {
    const chunk = batch.slice(from, from + CHUNK_EVENTS);
    try {
      await thread.write(partsOf(chunk), signal);
    } catch (error) {
      if (error instanceof PermanentError) {
        refused.push(...error.refused);
        reason = error.message;
      } else if (error instanceof RetryableError && refused.length === 0) {
        const delivered = batch.slice(0, from).map(({ event }) => event.id);
        throw new RetryableError(error.message, { cause: error, delivered });
      } else if (refused.length === 0) throw error;
      else break;
    }
    from += chunk.length;
  }
  if (refused.length > 0) throw new PermanentError(`the database refuses them: ${reason}`, { refused });
}

/** Packed envelopes as JSON lists, each of a few. */
function* partsOf(chunk: readonly Envelope[]): Generator<string> {
  let part: string[] = [];
  let size = 0;
  for (const envelope of chunk) {
    const text = JSON.stringify(pack(envelope));
    part.push(text);
    size += text.length;
    if (part.length < PART_EVENTS && size < PART_CHARACTERS) continue;
    yield `[${part.join(",")}]`;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield `[${part.join(",")}]`;
}
