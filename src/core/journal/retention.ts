/** What the journal keeps. Sizes in bytes, ages in milliseconds. */
export interface RetentionBounds {
  readonly maxAge: number;
  readonly maxBytes: number;
  readonly maxUnreadBytes: number;
}

/** What a step of pruning is decided from. */
export interface RetentionView {
  readonly oldest: number;
  readonly head: number;
  /** Pages in use, in bytes. */
  readonly bytes: number;
  /** Seq of the pinning cursor that is furthest behind; Infinity when nothing pins. */
  readonly pinnedAfter: number;
  /** Bytes of the events behind that cursor. */
  readonly unreadBytes: number;
  /** The first event from `oldest` to `last` that was received at or after a time; undefined when there is none. */
  firstReceivedSince(time: number, last: number): number | undefined;
  /** The first event from `oldest` to `last` with at most so many bytes from it to the head; undefined when there is none. */
  firstWithin(bytes: number, last: number): number | undefined;
}

/** Pruning by size goes a little below the bound, so that a full journal need not prune after every group. */
const SLACK = 0.98;

/**
 * Decides one small step of pruning: age and size take the oldest events, but none that a pinning cursor has not passed, unless more than
 * the bound on unread bytes waits behind it.
 * @param limit events of this step at most
 * @returns the seq up to and including which events go; `oldest - 1` when none do
 */
export function pruneTo(view: RetentionView, bounds: RetentionBounds, now: number, limit: number): number {
  const { oldest, head } = view;
  // The newest event always stays: it is what remembers the position over a restart.
  const last = Math.min(head - 1, oldest + limit - 1);
  if (last < oldest) return oldest - 1;
  const kept = (first: number | undefined) => (first === undefined ? last : first - 1);
  const aged = Number.isFinite(bounds.maxAge)
    ? kept(view.firstReceivedSince(now - bounds.maxAge, last))
    : oldest - 1;
  const retired = Math.min(Math.max(aged, oversized(view, bounds)), view.pinnedAfter);
  const forced =
    view.unreadBytes > bounds.maxUnreadBytes
      ? kept(view.firstWithin(bounds.maxUnreadBytes, last))
      : oldest - 1;
  return Math.min(Math.max(retired, forced), last);
}

function oversized({ oldest, head, bytes }: RetentionView, { maxBytes }: RetentionBounds): number {
  if (bytes <= maxBytes) return oldest - 1;
  const each = bytes / (head - oldest + 1);
  return oldest - 1 + Math.ceil((bytes - maxBytes * SLACK) / each);
}
