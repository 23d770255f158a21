import type { DatabaseSync, StatementSync } from "node:sqlite";
import { EventInserter } from "./event-inserter.ts";
import type { Cursor, Drop } from "./port.ts";
import { raiseCursor } from "./raise-cursor.ts";
import { pruneTo, type RetentionBounds, type RetentionView } from "./retention.ts";
import { RowWriter } from "./row-writer.ts";
import { type CursorRow, cursorOf } from "./rows.ts";
import type { Slice } from "./slice.ts";
import { SubjectWriter } from "./subject-writer.ts";

/** Where the journal stands after a transaction. */
export interface Footprint {
  readonly oldest: number;
  readonly head: number;
  readonly bytes: number;
  readonly unreadBytes: number;
}

/** What one step of pruning did. */
export interface Pruned {
  readonly drops: readonly Drop[];
  /** Whether it found something to do, so that another step may. */
  readonly more: boolean;
}

/** How a store is kept. */
export interface StoreOptions {
  readonly sync: "full" | "normal";
  readonly bounds: RetentionBounds;
}

/** Events that one step of pruning takes at least, if so many are due: some milliseconds of work. */
const PRUNE_STEP = 1000;
/** So large a part of the journal at a time is prepared for pruning. */
const DETACH_PART = 16;
/** Free pages that one step gives back to the file system. */
const VACUUM_PAGES = 128;
/** Free pages are given back when they are more than this many, and more than those in use. */
const VACUUM_ABOVE = 1024;
/** SQLite moves the write-ahead log into the file after so many pages: 16 MB, so that its fsyncs are rare. */
const CHECKPOINT_PAGES = 2048;
const WAL_LIMIT = 32 * 1024 * 1024;

/** The writing side of a journal: one connection, one transaction at a time. It knows nothing of threads. */
export class JournalStore implements RetentionView {
  readonly #database: DatabaseSync;
  readonly #bounds: RetentionBounds;
  readonly #events: EventInserter;
  readonly #subjects: SubjectWriter;
  readonly #rows: RowWriter;
  readonly #cursors = new Map<string, Cursor>();
  readonly #statements: Record<
    "pages" | "free" | "delete" | "receivedSince" | "within" | "positionAfter" | "cursors" | "range",
    StatementSync
  >;
  readonly #pageSize: number;
  #pinned: ReadonlySet<string> | null = null;
  #oldest = 1;
  #head = 0;
  #bytes = 0;
  #free = 0;
  #unreadBytes = 0;
  /** The head inside the open transaction. */
  #written = 0;
  #lastGroup = 0;
  /** No verdict refers to an event up to and including this seq. */
  #detached = 0;

  /** Takes over a connection to a journal whose tables exist. */
  constructor(database: DatabaseSync, { sync, bounds }: StoreOptions) {
    this.#database = database;
    this.#bounds = bounds;
    database.exec(
      `PRAGMA synchronous = ${sync === "full" ? "FULL" : "NORMAL"};
       PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
       PRAGMA journal_size_limit = ${WAL_LIMIT};
       PRAGMA cache_size = -16000;`,
    );
    this.#events = new EventInserter(database);
    this.#subjects = new SubjectWriter(database);
    this.#rows = new RowWriter(database);
    this.#statements = {
      pages: database.prepare("PRAGMA page_count"),
      free: database.prepare("PRAGMA freelist_count"),
      delete: database.prepare("DELETE FROM events WHERE seq <= ?"),
      receivedSince: database.prepare(
        "SELECT seq FROM events WHERE seq <= ? AND received >= ? ORDER BY seq LIMIT 1",
      ),
      within: database.prepare(
        "SELECT seq FROM events WHERE seq <= ? AND position >= ? ORDER BY seq LIMIT 1",
      ),
      positionAfter: database.prepare("SELECT position FROM events WHERE seq > ? ORDER BY seq LIMIT 1"),
      cursors: database.prepare("SELECT * FROM cursors"),
      range: database.prepare(
        "SELECT (SELECT min(seq) FROM events) AS low, (SELECT max(seq) FROM events) AS high",
      ),
    };
    this.#pageSize = Number(database.prepare("PRAGMA page_size").get()?.page_size);
    this.#reload();
  }

  get oldest(): number {
    return this.#oldest;
  }

  get head(): number {
    return this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  get pinnedAfter(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const cursor of this.#pinning()) least = Math.min(least, cursor.seq);
    return least;
  }

  get footprint(): Footprint {
    return { oldest: this.#oldest, head: this.#head, bytes: this.#bytes, unreadBytes: this.#unreadBytes };
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Writes a slice into the open transaction, or opens one. What is committed already is passed over. */
  apply(slice: Slice): void {
    if (!this.#database.isTransaction) this.#database.exec("BEGIN IMMEDIATE");
    this.#rows.cleanUp(slice);
    for (const owner of slice.forgotten)
      if (owner.startsWith("sink/")) this.#cursors.delete(owner.slice("sink/".length));
    if (slice.bodies.length > 0) {
      this.#events.insert(slice, Math.max(0, this.#written + 1 - slice.first));
      this.#written = Math.max(this.#written, slice.first + slice.bodies.length - 1);
    }
    this.#subjects.write(slice, this.#oldest);
    this.#rows.write(slice);
    for (const cursor of slice.cursors) this.#setCursor(cursor);
  }

  /** Makes the open transaction durable. */
  commit(): void {
    if (this.#database.isTransaction) this.#database.exec("COMMIT");
    this.#lastGroup = this.#written - this.#head;
    this.#head = this.#written;
    this.#measure();
  }

  /** Undoes the group under way; also after SQLite undid it by itself. */
  rollback(): void {
    this.#undo();
    this.#subjects.reset();
  }

  /** Says whose cursors pin; null for all of them. Cursors that retention has overtaken are moved by the next `prune`. */
  pin(sinks: ReadonlySet<string> | null): void {
    this.#pinned = sinks;
    this.#measure();
  }

  /** Does one small step of pruning in a transaction of its own, between groups. */
  prune(now: number): Pruned {
    const limit = Math.max(PRUNE_STEP, 2 * this.#lastGroup);
    const to = pruneTo(this, this.#bounds, now, limit);
    const overtaken = [...this.#pinning()].filter((cursor) => cursor.seq < to);
    const vacuum = this.#wantsVacuum();
    if (to < this.#oldest && overtaken.length === 0 && !vacuum) return { drops: [], more: false };
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      if (to >= this.#oldest) {
        this.#detach(to);
        this.#statements.delete.run(to);
      }
      for (const cursor of overtaken) this.#setCursor(raiseCursor(cursor, to + 1));
      if (vacuum) this.#database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#oldest = Math.max(this.#oldest, to + 1);
    this.#measure();
    return {
      drops: overtaken.map(({ sink, seq }) => ({ sink, from: seq, to, dropped: to - seq })),
      more: true,
    };
  }

  /** Moves what it can from the write-ahead log into the file, which makes room in the log; never throws. */
  checkpoint(): void {
    try {
      this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch {
      // Only an attempt: whoever calls it has a failed commit to report already.
    }
  }

  /** Empties the write-ahead log and closes the connection. */
  close(): void {
    if (!this.#database.isOpen) return;
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.#database.close();
    }
  }

  firstReceivedSince(time: number, last: number): number | undefined {
    return seqOf(this.#statements.receivedSince.get(last, time));
  }

  firstWithin(bytes: number, last: number): number | undefined {
    return seqOf(this.#statements.within.get(last, this.#events.end - bytes));
  }

  *#pinning(): Iterable<Cursor> {
    for (const cursor of this.#cursors.values()) if (this.#pinned?.has(cursor.sink) ?? true) yield cursor;
  }

  #setCursor(cursor: Cursor): void {
    const raised = raiseCursor(cursor, this.#oldest);
    this.#rows.writeCursor(raised);
    this.#cursors.set(raised.sink, raised);
  }

  /** Looking for what refers to old events means looking at every subject, so it is done for many steps at once. */
  #detach(to: number): void {
    if (to <= this.#detached) return;
    this.#detached = Math.min(this.#head, to + Math.ceil((this.#head - this.#oldest) / DETACH_PART));
    this.#subjects.detach(this.#detached);
  }

  #undo(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    this.#reload();
  }

  #reload(): void {
    const { low, high } = this.#statements.range.get() as { low: number | null; high: number | null };
    if (low !== null && high !== null) {
      this.#oldest = low;
      this.#head = high;
    }
    this.#written = this.#head;
    this.#detached = 0;
    this.#events.reset();
    this.#cursors.clear();
    for (const row of this.#statements.cursors.all()) {
      const cursor = cursorOf(row as unknown as CursorRow);
      this.#cursors.set(cursor.sink, cursor);
    }
    this.#measure();
  }

  #measure(): void {
    const pages = Number(this.#statements.pages.get()?.page_count);
    this.#free = Number(this.#statements.free.get()?.freelist_count);
    this.#bytes = (pages - this.#free) * this.#pageSize;
    this.#unreadBytes = this.#unread(this.pinnedAfter);
  }

  #wantsVacuum(): boolean {
    const used = this.#bytes / this.#pageSize;
    return this.#free > VACUUM_ABOVE && this.#free > used;
  }

  #unread(after: number): number {
    if (after >= this.#head) return 0;
    const row = this.#statements.positionAfter.get(after) as { position: number } | undefined;
    return row ? this.#events.end - row.position : 0;
  }
}

function seqOf(row: Record<string, unknown> | undefined): number | undefined {
  return row && Number(row.seq);
}
