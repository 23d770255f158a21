import type { Envelope } from "../../../plugin/index.ts";
import { type Arrival, arrivalOf, type NumberedArrival } from "./arrival.ts";
import {
  type Bulk,
  type BulkTransaction,
  Overtaken,
  type RolledRows,
  type Upserted,
  type WriterState,
} from "./bulk.ts";
import { EventRows, unrolledSize } from "./event-rows.ts";
import { Gaps, type SourcesReport } from "./gaps.ts";
import type { Known, KnownDay, KnownSubject } from "./known-subject.ts";
import { Newcomers } from "./newcomers.ts";
import { pastEvent } from "./past-event.ts";
import { RollUp } from "./roll-up.ts";
import { SubjectMemory } from "./subject-memory.ts";
import type { WriterTable } from "./tables.ts";
import type { Stretch } from "./time-split.ts";
import { Watch, type WriterIdentity } from "./watch.ts";

/** A batch of fewer events is no rush: its roll-ups are saved with it. */
const RUSH = 500;
/** So many events may be rolled up in memory only. After a crash they are rolled up again, from their rows. */
const MOST_UNSAVED = 20_000;
/** And so much of their text, in characters. */
const MOST_UNSAVED_SIZE = 2 ** 24;
/** Events that are rolled up again at once: all of them might fill the memory, and each portion costs some answers of the server. */
const PORTION = 4000;

/** A batch, in parts that come one after the other. It may have to be gone through twice. */
export type Parts = Iterable<readonly Envelope[]> | AsyncIterable<readonly Envelope[]>;

/**
 * Writes batches of envelopes, each in one transaction and each event once, however often it comes.
 *
 * Roll-ups follow the events by their numbers: `writer.rolled` says up to which one they are saved, in the transaction that saves them. In a
 * rush they are saved for many batches at once, since a batch about a thousand subjects would write two thousand rows for them. What was
 * only in memory when the process died, or when another writer came, is rolled up again from the rows of the events.
 */
export class BatchWriter {
  readonly #bulk: Bulk;
  readonly #origin: string;
  readonly #watch: Watch;
  readonly #memory = new SubjectMemory();
  readonly #rollUp = new RollUp();
  #gaps = new Gaps();
  /** The generation that what is remembered belongs to; null: nothing is remembered. */
  #generation: number | null = null;
  /** Whether no other writer came between the last two transactions. */
  #alone = false;
  /** How the next transaction will find the database if none comes again; null where that cannot be said. */
  #expected: WriterState | null = null;
  /** Whether some roll-ups are in memory only. */
  #unsaved = false;
  /** How much would have to be read to roll those up again, in characters. */
  #unsavedSize = 0;

  constructor(bulk: Bulk, identity: WriterIdentity) {
    this.#bulk = bulk;
    this.#origin = identity.origin;
    this.#watch = new Watch(identity);
  }

  /** Whether roll-ups are in memory that the database does not have. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /**
   * Writes a batch, or nothing of it.
   * @param parts of the batch; the database works on one while the next one is prepared
   * @returns how many events were new
   */
  write(parts: Parts, signal?: AbortSignal): Promise<number> {
    return this.#transaction((transaction, writer) => this.#append(transaction, writer, parts), signal);
  }

  /** Saves the roll-ups that are in memory only. */
  async save(signal?: AbortSignal): Promise<void> {
    if (this.#unsaved)
      await this.#transaction((transaction, writer) => this.#finish(transaction, writer, true), signal);
  }

  /** Notes that this lifeguard has watched until `now`, and that everything received until then has been written. */
  async watched(now: number, signal?: AbortSignal): Promise<void> {
    await this.#transaction(async (transaction, writer) => {
      if (this.#watch.note(now)) await this.#finish(transaction, writer, true);
    }, signal);
  }

  /** Notes that nobody watched for a while. One that ends before it began: the clock was set back. */
  async unwatched(stretch: Stretch, signal?: AbortSignal): Promise<void> {
    await this.#transaction(async (transaction, writer) => {
      if (stretch.ended < stretch.began) this.#gaps.cut(this.#origin, stretch.ended);
      else this.#gaps.add(this.#origin, stretch);
      await this.#finish(transaction, writer, true);
    }, signal);
  }

  /** Notes which sources of this lifeguard fail. */
  async sources(report: SourcesReport, signal?: AbortSignal): Promise<void> {
    await this.#transaction(async (transaction, writer) => {
      this.#gaps.hear(this.#origin, report);
      if (this.#gaps.changed) await this.#finish(transaction, writer, true);
    }, signal);
  }

  async #transaction<Result>(
    work: (transaction: BulkTransaction, writer: WriterState) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    const run = async (transaction: BulkTransaction) => {
      const writer = await transaction.state();
      await this.#remember(transaction, writer);
      return work(transaction, writer);
    };
    try {
      return await this.#bulk.transaction(run, { expected: this.#expected, signal });
    } catch (error) {
      // What was added in memory is not in the database.
      this.#forget();
      if (!(error instanceof Overtaken)) throw error;
      return this.#transaction(work, signal);
    }
  }

  async #append(transaction: BulkTransaction, writer: WriterState, parts: Parts): Promise<number> {
    const newcomers = new Newcomers(transaction, writer, (seq) => this.#watch.hasWritten(seq));
    const appended: { arrivals: readonly Arrival[]; subjects: readonly KnownSubject[] }[] = [];
    let { next } = writer;
    let count = 0;
    for await (const part of parts) {
      const arrivals = await newcomers.of(part);
      if (arrivals.length === 0) continue;
      this.#watchOver(arrivals);
      const { subjects, added } = await this.#memory.recall(transaction, arrivals, () => next++);
      const rows = new EventRows(next);
      for (const [index, arrival] of arrivals.entries()) rows.add(arrival, subjects[index] as KnownSubject);
      await transaction.append({ ...rows, subjects: added });
      appended.push({ arrivals, subjects });
      next = rows.next;
      this.#unsavedSize += rows.unrolledSize;
      count += arrivals.length;
    }
    if (count === 0) return 0;
    // Rolled up again from its row, nobody could tell that an event came out of turn.
    const late = appended.some(({ arrivals }) => arrivals.some((arrival) => arrival.late));
    const save =
      late || count < RUSH || next - writer.rolled > MOST_UNSAVED || this.#unsavedSize > MOST_UNSAVED_SIZE;
    const rollUp = () => {
      for (const { arrivals, subjects } of appended) this.#roll(arrivals, subjects);
    };
    if (save) rollUp();
    const finished = this.#finish(transaction, { ...writer, next, lastId: newcomers.last }, save);
    // The database works on the rows meanwhile.
    if (!save) rollUp();
    await finished;
    return count;
  }

  #roll(arrivals: readonly Arrival[], subjects: readonly KnownSubject[]): void {
    for (const [index, arrival] of arrivals.entries())
      this.#rollUp.add(arrival, subjects[index] as KnownSubject, this.#gaps);
  }

  /**
   * Ends a transaction.
   * @param state how it leaves the database; the last id is undefined where it cannot be said
   * @param save whether the roll-ups are saved in it
   */
  async #finish(
    transaction: BulkTransaction,
    { lastId, ...state }: WriterTable & { readonly lastId: string | null | undefined },
    save: boolean,
  ): Promise<void> {
    const { next, rolled } = state;
    const writer = { ...state, generation: state.generation + 1, rolled: save ? next - 1 : rolled };
    if (save) await transaction.roll(this.#rolledRows());
    await transaction.finish({ writer, watcher: this.#watch.row, gaps: this.#gaps.take() });
    this.#generation = writer.generation;
    this.#expected = this.#alone && lastId !== undefined ? { ...writer, lastId } : null;
    this.#unsaved = !save;
    if (!save) return;
    this.#unsavedSize = 0;
    this.#rollUp.clear(true);
    this.#memory.trim();
  }

  #rolledRows(): RolledRows {
    const { subjects, episodes, days } = this.#rollUp;
    for (const { row, sketch } of days) {
      if (!sketch) continue;
      Object.assign(row, { latency: sketch.toString(), ...sketch.summary() });
    }
    return {
      subjects: upserted(subjects).changed,
      episodes: upserted(episodes),
      days: upserted<KnownDay["row"]>(days),
    };
  }

  /** Makes sure that what is remembered is what the database holds, and rolls up what has not been. */
  async #remember(transaction: BulkTransaction, { generation, rolled, next }: WriterTable): Promise<void> {
    this.#alone = this.#generation === generation;
    if (this.#alone) return;
    this.#forget();
    this.#gaps = new Gaps(await transaction.gaps());
    this.#watch.restore(await transaction.watcher(this.#origin));
    this.#generation = generation;
    if (rolled < next - 1) await this.#rollAgain(transaction, rolled);
  }

  /** Rolls up the events beyond a number, from their rows. */
  async #rollAgain(transaction: BulkTransaction, rolled: number): Promise<void> {
    let after = rolled;
    for (;;) {
      const rows = await transaction.unrolled(after, PORTION);
      const arrivals = rows.map((row) => arrivalOf(pastEvent({ ...row, labels: null, data: null })));
      const { subjects } = await this.#memory.recall(transaction, arrivals, () => {
        throw new Error("an event in the database has no subject");
      });
      this.#roll(arrivals, subjects);
      for (const row of rows) this.#unsavedSize += unrolledSize(row);
      this.#unsaved = true;
      if (rows.length < PORTION) return;
      after = rows.at(-1)?.seq ?? after;
    }
  }

  #forget(): void {
    this.#generation = null;
    this.#alone = false;
    this.#expected = null;
    this.#unsaved = false;
    this.#unsavedSize = 0;
    this.#rollUp.clear(false);
    this.#memory.forget();
  }

  /** Notes how far the journal is written, and the stretch before this process once the first event that it received comes by. */
  #watchOver(arrivals: readonly NumberedArrival[]): void {
    for (const { envelope, received } of arrivals) {
      const { begun } = this.#watch;
      const gap = this.#watch.receive(envelope.seq, received);
      // What an earlier process noted beyond this moment was found with a clock that ran ahead.
      if (!begun && this.#watch.begun) this.#gaps.cut(this.#origin, received);
      if (gap) this.#gaps.add(this.#origin, gap);
    }
  }
}

function upserted<Row>(rows: ReadonlySet<Known<Row>>): Upserted<Row> {
  const added: Row[] = [];
  const changed: Row[] = [];
  for (const { row, isNew } of rows) (isNew ? added : changed).push(row);
  return { added, changed };
}
