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
  const touching = gaps.filter((gap) => gap.began < ended && gap.ended > began);
  const edges = new Set([began, ended]);
  for (let day = first + 1; day * DAY_MS < ended; day++) edges.add(day * DAY_MS);
  for (const gap of touching) {
    if (gap.began > began) edges.add(gap.began);
    if (gap.ended < ended) edges.add(gap.ended);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const shares: Share[] = [];
  for (let index = 1; index < sorted.length; index++) {
    const from = sorted[index - 1] as number;
    const to = sorted[index] as number;
    if (!touching.some((gap) => gap.began <= from && gap.ended >= to))
      shares.push({ day: dayOf(from), ms: to - from });
  }
  return shares;
}
