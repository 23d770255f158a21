import type { Description, Envelope, Json } from "../../plugin/index.ts";

/** A subject's row: what the board needs to come back after a restart. */
export interface SubjectRow {
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  /** The last envelope with a verdict; null while there was none. */
  readonly latest: Envelope | null;
  /** The measures last seen, housekeeping included, when they are not the latest envelope's own. */
  readonly measures: Envelope["event"]["measures"] | null;
  readonly description: Description | null;
}

/** Which subject a row is about. */
export type SubjectKey = Pick<SubjectRow, "origin" | "source" | "subject">;

/** A sink's place in the journal and its books: base + delivered + filtered + dead + dropped = cursor, always. */
export interface Cursor {
  readonly sink: string;
  /** Everything up to and including this seq was dealt with. */
  readonly seq: number;
  /** Where the books began. */
  readonly base: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly dropped: number;
}

/** An event that a sink refused for good. */
export interface DeadLetter {
  readonly sink: string;
  readonly envelope: Envelope;
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
  readonly attempts: number;
}

/** One change of an instance's key-value store; null deletes. `owner` is `source/<name>` or `sink/<name>`. */
export interface StateWrite {
  readonly owner: string;
  readonly key: string;
  readonly value: Json;
}

/** What can be written in one transaction. A subject stands in `subjects` or in `retired`, never in both. */
export interface Writes {
  /** In seq order; the first follows the journal's head. */
  readonly events?: readonly Envelope[];
  /** Envelopes' ids that came with their drafts, and so must never be taken twice. */
  readonly ownIds?: readonly string[];
  readonly subjects?: readonly SubjectRow[];
  readonly retired?: readonly SubjectKey[];
  readonly state?: readonly StateWrite[];
  readonly cursors?: readonly Cursor[];
  readonly deadLetters?: readonly DeadLetter[];
}

/** How the journal is doing. */
export interface JournalStatus {
  /** Why commits are being retried; null while they succeed. */
  readonly failing: string | null;
  readonly events: number;
  /** Pages in use, in bytes; of everything that the journal holds. */
  readonly bytes: number;
  /** Estimated bytes between the pinning cursor that is furthest behind and the head. */
  readonly unreadBytes: number;
}

/** Events that a durable sink will never see: the bound on unread events, or a time without being configured, took them. */
export interface Drop {
  readonly sink: string;
  /** The sink's place before. */
  readonly from: number;
  /** Its place now: everything up to and including this seq is gone. */
  readonly to: number;
  readonly dropped: number;
}

/** The append-only, ordered, bounded record of events, with everything that must agree with it. */
export interface Journal {
  /** Made with the file: a token of another epoch is unknown here. */
  readonly epoch: string;
  /** The persistent id of this lifeguard. */
  readonly origin: string;
  /** Seq of the newest committed event; 0 in a new journal. */
  readonly head: number;
  /** Seq of the oldest event still there; head + 1 when there is none. */
  readonly oldest: number;

  /**
   * Joins the next group commit. Resolves when it is on disk; a failing commit (a full disk) is retried until it succeeds or the journal
   * closes, in order, so a resolved append is never undone and a later one never overtakes it.
   */
  append(writes: Writes): Promise<void>;
  /**
   * Committed envelopes after a seq, in order: at most `limit`, and no more than about `maxBytes` beyond the first. Where the first one is
   * not `after + 1`, retention took what lay between.
   */
  read(after: number, limit: number, maxBytes: number): readonly Envelope[];
  /** The newest envelopes that were changes, newest first. */
  changes(limit: number): readonly Envelope[];
  /** Whether an event that came with this id is committed, and not yet pruned. */
  has(id: string): boolean;
  subjects(): readonly SubjectRow[];
  state(owner: string, prefix: string): ReadonlyArray<readonly [key: string, value: Json]>;
  /** The sink's place. Never before the oldest event: what retention took is in its `dropped` already. */
  cursor(sink: string): Cursor | undefined;
  cursors(): readonly Cursor[];
  deadLetters(sink: string, limit: number): ReadonlyArray<DeadLetter & { readonly id: number }>;
  deleteDeadLetters(ids: readonly number[]): Promise<void>;
  /** Forgets the cursors, states and dead letters of sinks and sources that monitors.yaml no longer has. */
  forget(owners: readonly string[]): Promise<void>;
  /**
   * Says which durable sinks are configured: their unread events are kept beyond age and size, up to the bound on unread bytes. Until the
   * first call every cursor counts. A cursor written later with an older seq than retention has left is moved up, and the difference
   * counted as dropped.
   */
  pin(sinks: ReadonlySet<string>): void;
  status(): JournalStatus;
  /** Commits what waits, until the signal aborts, then closes every handle. */
  close(signal: AbortSignal): Promise<void>;
}
