import type { Envelope } from "../../../plugin/index.ts";
import { HistoryReader } from "../read/reader.ts";
import { BatchWriter } from "./batch-writer.ts";
import { connect } from "./connect.ts";
import type { Connected, Place } from "./connected.ts";
import { isDataError, RefusedEvents } from "./failure.ts";
import type { SourcesReport } from "./gaps.ts";
import type { PartQueue } from "./part-queue.ts";
import { prune, type Retention } from "./retention.ts";
import { timeLimit } from "./time-limit.ts";
import type { Stretch } from "./time-split.ts";
import type { WriterIdentity } from "./watch.ts";

/** So long roll-ups may be in memory only while nothing more is written. */
const SAVE_AFTER_MS = 1000;

/** What a store is opened with. */
export interface StoreOptions extends WriterIdentity {
  readonly place: Place;
  readonly retention: Retention;
}

/** The history in a database: takes batches, answers queries, and forgets in time. */
export class HistoryStore {
  readonly #connected: Connected;
  readonly #writer: BatchWriter;
  readonly #retention: Retention;
  #pruning: AsyncGenerator<void> | null = null;
  #saving: NodeJS.Timeout | undefined;
  #settling: Promise<void> | null = null;

  private constructor(connected: Connected, options: StoreOptions) {
    this.#connected = connected;
    this.#retention = options.retention;
    this.#writer = new BatchWriter(connected.bulk, options);
  }

  /** Opens the database, and makes or migrates its tables. */
  static async open(options: StoreOptions): Promise<HistoryStore> {
    return new HistoryStore(await connect(options.place), options);
  }

  /**
   * Writes a batch in one transaction, each event once.
   * @param parts of the batch
   * @throws RefusedEvents when some of them can never be written; the others are then
   */
  async write(parts: PartQueue, signal?: AbortSignal): Promise<void> {
    try {
      await this.#writer.write(parts, signal);
    } catch (error) {
      if (!isDataError(error)) throw error;
      const batch: Envelope[] = [];
      for await (const part of parts) batch.push(...part);
      const refused: string[] = [];
      const reason = await this.#writeHalves(batch, refused, signal);
      throw new RefusedEvents(reason, refused);
    } finally {
      this.#saveSoon();
    }
  }

  /**
   * Answers a query about what is written: all events and their measures, and what was saved of the roll-ups.
   * @throws the signal's reason when that aborts
   */
  read<Result>(work: (reader: HistoryReader) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const { dialect } = this.#connected;
    return this.#connected.read((db) => work(new HistoryReader(db, dialect)), signal);
  }

  /** Saves the roll-ups of everything that was written, as queries about episodes and days need it; many that come at once do it once. */
  settled(): Promise<void> {
    this.#settling ??= this.#save().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  /** Notes that everything received until `now` has been written. @param now milliseconds since the epoch */
  watched(now: number, signal?: AbortSignal): Promise<void> {
    return this.#writer.watched(now, timeLimit(signal));
  }

  /** Notes a stretch in which nobody watched; one that ends before it began means that the clock was set back, to its end. */
  unwatched(stretch: Stretch, signal?: AbortSignal): Promise<void> {
    return this.#writer.unwatched(stretch, timeLimit(signal));
  }

  /** Notes which sources of this lifeguard fail: nobody vouches meanwhile for what they watch. */
  sources(report: SourcesReport, signal?: AbortSignal): Promise<void> {
    return this.#writer.sources(report, timeLimit(signal));
  }

  /**
   * Deletes a few rows that are older than they have to be.
   * @param now milliseconds since the epoch; it counts for the first step
   * @returns whether there is more to do
   */
  async prune(now: number): Promise<boolean> {
    this.#pruning ??= prune(this.#connected, this.#retention, now);
    try {
      const { done } = await this.#pruning.next();
      if (done) this.#pruning = null;
      return !done;
    } catch (error) {
      this.#pruning = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#saving);
    // Else they would be rolled up again at the next start.
    await this.#save();
    await this.#connected.close();
  }

  /** After a rush nothing may come for a while. */
  #saveSoon(): void {
    clearTimeout(this.#saving);
    if (!this.#writer.unsaved) return;
    this.#saving = setTimeout(() => void this.settled(), SAVE_AFTER_MS);
  }

  /** Where they cannot be saved now, what is saved is answer enough, and the next batch tries again. */
  async #save(): Promise<void> {
    await this.#writer.save(timeLimit()).catch(() => {});
  }

  /** Halves a batch that cannot be written until only the events that cannot are left. @returns why the last one cannot */
  async #writeHalves(
    batch: readonly Envelope[],
    refused: string[],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    try {
      await this.#writer.write([batch], signal);
      return "";
    } catch (error) {
      if (!isDataError(error)) throw error;
      const [first] = batch;
      if (batch.length <= 1 || !first) {
        for (const { event } of batch) refused.push(event.id);
        return error instanceof Error ? error.message : String(error);
      }
      const middle = batch.length >> 1;
      const left = await this.#writeHalves(batch.slice(0, middle), refused, signal);
      return (await this.#writeHalves(batch.slice(middle), refused, signal)) || left;
    }
  }
}
