import { DAY_MS, dayOf } from "./day.ts";

/** A stretch of time in milliseconds since the epoch, `began` inclusive, `ended` exclusive. */
export interface Stretch {
  readonly began: number;
  readonly ended: number;
}

/** A share of one day. */
export interface Share {
  readonly day: number;
  readonly ms: number;
}

/**
 * Cuts a stretch at midnight UTC, and leaves out gaps.
 * @param gaps in any order, possibly overlapping
 */
export function splitTime({ began, ended }: Stretch, gaps: readonly Stretch[]): readonly Share[] {
  if (ended <= began) return [];
  const first = dayOf(began);
  // Nearly always there is nothing to cut.
  if (gaps.length === 0 && ended <= (first + 1) * DAY_MS) return [{ day: first, ms: ended - began }];
  const shares: Share[] = [];
  let from = began;
  const sorted = gaps
    .filter((gap) => gap.ended > began && gap.began < ended)
    .sort((a, b) => a.began - b.began);
  for (const gap of sorted) {
    pushDays(shares, from, gap.began);
    from = Math.max(from, gap.ended);
  }
  pushDays(shares, from, ended);
  return shares;
}

/** Cuts a stretch at midnight. */
function pushDays(shares: Share[], began: number, ended: number): void {
  for (let from = began; from < ended; ) {
    const day = dayOf(from);
    const to = Math.min(ended, (day + 1) * DAY_MS);
    shares.push({ day, ms: to - from });
    from = to;
  }
}
