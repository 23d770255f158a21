import type { Status, SubjectState } from "../../../plugin/index.ts";
import type { ChangeOfStatus } from "./known-changes.ts";
import type { KnownTime } from "./known-time.ts";

/**
 * The share of a stretch of time that a subject was up, from its changes of status within: ok and warning are up, critical is down, unknown
 * and what stood before anything is known are neither.
 * @param changes those within, at least, newest first
 * @param since milliseconds since the epoch, the beginning
 * @param now milliseconds since the epoch, the end
 * @param known how long each can have been at most: changes do not tell of the time before the first result, nor of that without lifeguard
 * @returns 0 to 1; null where nothing is known
 */
export function uptimeOfChanges(
  state: Pick<SubjectState, "event" | "since" | "stale" | "seen">,
  changes: readonly ChangeOfStatus[],
  since: number,
  now: number,
  known: KnownTime,
): number | null {
  let [up, down] = [0, 0];
  const add = (status: Status, from: number, to: number) => {
    const ms = Math.max(0, to - Math.max(from, since));
    if (status === "ok" || status === "warning") up += ms;
    else if (status === "critical") down += ms;
  };
  // What went stale is not known any more since it was last seen.
  let end = state.stale === null ? now : Math.min(now, Date.parse(state.seen));
  for (const { event } of changes) {
    const time = Date.parse(event.time);
    add(event.status, time, end);
    end = Math.min(end, time);
  }
  const before = changes.at(-1);
  if (before) {
    if (before.previous !== null) add(before.previous, since, end);
  } else if (state.event) add(state.event.status, Date.parse(state.since), end);
  up = Math.min(up, known.up);
  down = Math.min(down, known.down);
  return up + down === 0 ? null : up / (up + down);
}
