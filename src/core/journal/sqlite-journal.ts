import type { DatabaseSync } from "node:sqlite";
import { type Clock, type Envelope, type Json, LifeguardError, type Logger } from "../../plugin/index.ts";
import { type Change, toChange } from "./change.ts";
import { GroupCommit } from "./group-commit.ts";
import type { GroupWriter, OnPruned } from "./group-writer.ts";
import type { Cursor, DeadLetter, Drop, Journal, JournalStatus, SubjectRow, Writes } from "./port.ts";
import { type OnCommitted, Publication } from "./publication.ts";
import { raiseCursor } from "./raise-cursor.ts";
import { JournalReader } from "./reader.ts";
import type { Identity } from "./schema.ts";
import type { Footprint } from "./store.ts";

/** What a journal needs of the rest of core, and whom it tells. */
export interface JournalHooks {
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with committed envelopes, in seq order, before the appends that brought them resolve. */
  readonly onCommitted: OnCommitted;
  /** Called when retention took events that a durable sink had not seen. */
  readonly onDropped?: ((drops: readonly Drop[]) => void) | undefined;
  /** Called when commits begin to fail, fail for another reason, or succeed again. */
  readonly onStatus?: ((status: JournalStatus) => void) | undefined;
}

/** Connections and writer of a journal, and where it stands. */
export interface Opened {
  readonly reader: DatabaseSync;
  readonly writer: GroupWriter;
  readonly footprint: Footprint;
  /** Set by the journal; the writer may prune before there is one. */
  onPruned: OnPruned;
}

/** How often, in milliseconds, retention looks at a journal into which nothing is written. */
const RETENTION_INTERVAL = 10_000;

/** The journal: a reader and a writer of one SQLite database, joined by the group commit. */
export class SqliteJournal implements Journal {
  readonly epoch: string;
  readonly origin: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #reading: DatabaseSync;
  readonly #reader: JournalReader;
  readonly #writer: GroupWriter;
  readonly #commits: GroupCommit;
  readonly #publication: Publication;
  readonly #onStatus: ((status: JournalStatus) => void) | undefined;
  readonly #lifetime = new AbortController();
  #footprint: Footprint;
  /** The seq that the next event must have. */
  #expected: number;
  #idle: (() => void) | null = null;

  constructor({ epoch, origin }: Identity, opened: Opened, hooks: JournalHooks) {
    const { clock, log, onCommitted, onDropped, onStatus } = hooks;
    this.epoch = epoch;
    this.origin = origin;
    this.#clock = clock;
    this.#log = log;
    this.#reading = opened.reader;
    this.#reader = new JournalReader(opened.reader);
    this.#writer = opened.writer;
    this.#footprint = opened.footprint;
    this.#expected = opened.footprint.head + 1;
    this.#onStatus = onStatus;
    this.#publication = new Publication(
      opened.footprint.head,
      (envelopes) => this.#tell(envelopes, onCommitted),
      () => this.#settle(),
    );
    this.#commits = new GroupCommit({
      writer: opened.writer,
      clock,
      onCommitted: (group, footprint) => {
        this.#footprint = footprint;
        this.#publication.publish(group);
      },
      onFailing: (reason) => this.#tellFailing(reason),
    });
    opened.onPruned = (footprint, drops) => {
      this.#footprint = footprint;
      if (drops.length > 0) onDropped?.(drops);
    };
    this.#keepRetaining();
  }

  get head(): number {
    return this.#publication.head;
  }

  get oldest(): number {
    // Retention may already have taken what was committed but not told yet.
    return Math.min(this.#footprint.oldest, this.head + 1);
  }

  async append(writes: Writes): Promise<void> {
    const change = toChange(writes);
    this.#checkOrder(writes.events ?? []);
    await this.#enqueue(change);
  }

  read(after: number, limit: number, maxBytes: number): readonly Envelope[] {
    return this.#reader.after(after, this.head, limit, maxBytes);
  }

  changes(limit: number): readonly Envelope[] {
    return this.#reader.changes(this.head, limit);
  }

  has(id: string): boolean {
    return this.#reader.has(id);
  }

  subjects(): readonly SubjectRow[] {
    return this.#reader.subjects();
  }

  state(owner: string, prefix: string): ReadonlyArray<readonly [key: string, value: Json]> {
    return this.#reader.state(owner, prefix);
  }

  cursor(sink: string): Cursor | undefined {
    const cursor = this.#reader.cursor(sink);
    return cursor && raiseCursor(cursor, this.oldest);
  }

  cursors(): readonly Cursor[] {
    return this.#reader.cursors().map((cursor) => raiseCursor(cursor, this.oldest));
  }

  deadLetters(sink: string, limit: number): ReadonlyArray<DeadLetter & { readonly id: number }> {
    return this.#reader.deadLetters(sink, limit);
  }

  deleteDeadLetters(ids: readonly number[]): Promise<void> {
    return this.#enqueue({ deletedDeadLetters: ids });
  }

  forget(owners: readonly string[]): Promise<void> {
    return this.#enqueue({ forgotten: owners });
  }

  pin(sinks: ReadonlySet<string>): void {
    this.#writer.pin(sinks, this.#clock.now());
  }

  status(): JournalStatus {
    const { oldest, head, bytes, unreadBytes } = this.#footprint;
    return { failing: this.#commits.failing, events: head - oldest + 1, bytes, unreadBytes };
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#lifetime.signal.aborted) return;
    this.#lifetime.abort();
    await this.#drained(signal);
    this.#commits.abandon(
      new LifeguardError("JOURNAL_CLOSED", "the journal was closed before this was committed"),
    );
    if (this.#reading.isOpen) this.#reading.close();
    await this.#closeWriter(signal);
  }

  async #enqueue(change: Change): Promise<void> {
    if (this.#lifetime.signal.aborted) throw new LifeguardError("JOURNAL_CLOSED", "the journal is closed");
    await this.#commits.append(change);
  }

  /** A hole or a repetition here would be one in every sink's books. */
  #checkOrder(events: readonly Envelope[]): void {
    let expected = this.#expected;
    for (const { seq } of events)
      if (seq !== expected++)
        throw new LifeguardError("JOURNAL_ORDER", `the journal expects event ${expected - 1}, not ${seq}`);
    this.#expected = expected;
  }

  #tell(envelopes: readonly Envelope[], onCommitted: OnCommitted): void {
    try {
      onCommitted(envelopes);
    } catch (error) {
      this.#log.error(`telling of committed events failed: ${error}`);
    }
  }

  #tellFailing(reason: string | null): void {
    if (reason === null) this.#log.info("the journal commits again");
    else this.#log.error(`the journal cannot commit and keeps trying: ${reason}`, { reason });
    this.#onStatus?.(this.status());
  }

  #keepRetaining(): void {
    this.#clock.setTimeout(
      () => {
        this.#writer.maintain(this.#clock.now());
        this.#keepRetaining();
      },
      RETENTION_INTERVAL,
      this.#lifetime.signal,
    );
  }

  /** Resolves when nothing waits any more, or the signal aborts. */
  async #drained(signal: AbortSignal): Promise<void> {
    const idle = () => this.#commits.idle && this.#publication.idle;
    if (signal.aborted || idle()) return;
    await new Promise<void>((resolve) => {
      this.#idle = () => {
        if (idle() || signal.aborted) resolve();
      };
      signal.addEventListener("abort", this.#idle, { once: true });
    });
  }

  #settle(): void {
    this.#idle?.();
  }

  async #closeWriter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return this.#writer.kill();
    const kill = () => void this.#writer.kill();
    signal.addEventListener("abort", kill, { once: true });
    await this.#writer.close();
    signal.removeEventListener("abort", kill);
  }
}
