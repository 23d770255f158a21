import { DatabaseSync } from "node:sqlite";
import { type Clock, type Envelope, type Json, LifeguardError, type Logger } from "../../plugin/index.ts";
import type { JournalOptions } from "../config/model.ts";
import { type Change, toChange } from "./change.ts";
import { GroupCommit } from "./group-commit.ts";
import type { GroupWriter, OnPruned } from "./group-writer.ts";
import { prepareFile } from "./journal-file.ts";
import { LocalWriter } from "./local-writer.ts";
import { randomId, readOrigin, writeOrigin } from "./origin.ts";
import type { Cursor, DeadLetter, Drop, Journal, JournalStatus, SubjectRow, Writes } from "./port.ts";
import { type OnCommitted, Publication } from "./publication.ts";
import { raiseCursor } from "./raise-cursor.ts";
import { JournalReader } from "./reader.ts";
import { createSchema, type Identity } from "./schema.ts";
import { type Footprint, JournalStore, type StoreOptions } from "./store.ts";
import { ThreadWriter } from "./thread-writer.ts";

/** What a journal is opened with. */
export interface OpenJournalOptions {
  /** The file. Unused for a journal in memory. */
  readonly path: string;
  /** Where the persistent id is kept, so that it outlives a journal; null keeps it in the journal alone. */
  readonly originFile: string | null;
  readonly options: JournalOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with committed envelopes, in seq order, before the appends that brought them resolve. */
  readonly onCommitted: OnCommitted;
  /** Called when retention took events that a durable sink had not seen. */
  readonly onDropped?: ((drops: readonly Drop[]) => void) | undefined;
  /** Called when commits begin to fail, fail for another reason, or succeed again. */
  readonly onStatus?: ((status: JournalStatus) => void) | undefined;
  /** Only for tests and benches: milliseconds that every commit takes longer, as on a slow disk. */
  readonly commitDelay?: number | undefined;
}

/** How often, in milliseconds, retention looks at a journal into which nothing is written. */
const RETENTION_INTERVAL = 10_000;

/**
 * Opens the journal, or begins a new one. A damaged or foreign file is moved aside, told in the log, and replaced.
 * @throws LifeguardError `JOURNAL_NEWER` when a newer lifeguard wrote the file, `JOURNAL_OPEN` when it cannot be opened at all
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { memory, sync, maxAge, maxBytes, maxUnreadBytes } = options.options;
  const storeOptions: StoreOptions = { sync, bounds: { maxAge, maxBytes, maxUnreadBytes } };
  const identity = memory ? newIdentity(options, null) : prepareFile(options.path, fileOptions(options));
  keepOrigin(options, identity.origin);
  const opened = memory ? openMemory(identity, storeOptions) : await openFile(options, storeOptions);
  return new SqliteJournal(identity, opened, options);
}

/** Connections and writer of a journal, and where it stands. */
interface Opened {
  readonly reader: DatabaseSync;
  readonly writer: GroupWriter;
  readonly footprint: Footprint;
  /** Set by the journal; the writer may prune before there is one. */
  onPruned: OnPruned;
}

function openMemory(identity: Identity, storeOptions: StoreOptions): Opened {
  const database = new DatabaseSync(":memory:");
  createSchema(database, identity);
  const store = new JournalStore(database, storeOptions);
  const writer = new LocalWriter(store, (...pruned) => opened.onPruned(...pruned));
  const opened: Opened = { reader: database, writer, footprint: store.footprint, onPruned: () => {} };
  return opened;
}

async function openFile(
  { path, commitDelay = 0 }: OpenJournalOptions,
  storeOptions: StoreOptions,
): Promise<Opened> {
  let onPruned: OnPruned = () => {};
  const { writer, footprint } = await ThreadWriter.start(
    { path, commitDelay, ...storeOptions },
    (...pruned) => onPruned(...pruned),
  ).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LifeguardError("JOURNAL_OPEN", `journal ${path} cannot be opened: ${reason}`, { cause: error });
  });
  return {
    reader: new DatabaseSync(path, { readOnly: true, timeout: 5000 }),
    writer,
    footprint,
    set onPruned(listener: OnPruned) {
      onPruned = listener;
    },
  };
}

function fileOptions(options: OpenJournalOptions) {
  const { clock, log } = options;
  return { clock, log, newIdentity: (salvaged: string | null) => newIdentity(options, salvaged) };
}

function newIdentity({ originFile }: OpenJournalOptions, salvaged: string | null): Identity {
  const kept = originFile === null ? null : readOrigin(originFile);
  return { epoch: randomId(8), origin: salvaged ?? kept ?? randomId(12) };
}

function keepOrigin({ originFile, log }: OpenJournalOptions, origin: string): void {
  if (originFile === null || readOrigin(originFile) === origin) return;
  try {
    writeOrigin(originFile, origin);
  } catch (error) {
    log.warn(`the id of this lifeguard could not be written to ${originFile}: ${error}`);
  }
}

class SqliteJournal implements Journal {
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

  constructor({ epoch, origin }: Identity, opened: Opened, options: OpenJournalOptions) {
    const { clock, log, onCommitted, onDropped, onStatus } = options;
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
