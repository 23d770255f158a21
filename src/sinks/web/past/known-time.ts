import type { HistoryDay } from "../../../plugin/index.ts";
import { PERIODS } from "./period.ts";

const DAY = PERIODS["24h"];

/** How long at most, in milliseconds, a subject can have been up and down within the last 24 hours. */
export interface KnownTime {
  readonly up: number;
  readonly down: number;
}

/** Where nobody knows. */
export const ANY_TIME: KnownTime = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };

/**
 * What the days know of it: they leave out the time before the first result, and that in which no lifeguard was there, of which changes of
 * status tell nothing.
 * @param days the last of which is that of `read`
 * @param read milliseconds since the epoch: when they were read
 * @param now milliseconds since the epoch; what has been since they were read may have been anything
 */
export function knownTime(
  days: readonly Pick<HistoryDay, "up" | "down">[],
  read: number,
  now: number,
): KnownTime {
  const [yesterday, today] = days.slice(-2);
  if (!yesterday || !today || Math.floor(read / DAY) !== Math.floor(now / DAY)) return ANY_TIME;
  const ofYesterday = DAY - (now % DAY);
  const since = now - read;
  return {
    up: today.up + Math.min(yesterday.up, ofYesterday) + since,
    down: today.down + Math.min(yesterday.down, ofYesterday) + since,
  };
}
