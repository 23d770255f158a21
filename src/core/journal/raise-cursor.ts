import type { Cursor } from "./port.ts";

/**
 * Moves a cursor up to what retention has left, with the difference counted as dropped, so that its books keep balancing.
 * @param oldest seq of the oldest event still there
 */
export function raiseCursor(cursor: Cursor, oldest: number): Cursor {
  const missed = oldest - 1 - cursor.seq;
  return missed > 0 ? { ...cursor, seq: oldest - 1, dropped: cursor.dropped + missed } : cursor;
}
