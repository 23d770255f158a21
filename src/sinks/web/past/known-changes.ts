import type { PastEvent } from "../../../plugin/index.ts";

/** A change of status: what there was before, and what since. */
export type ChangeOfStatus = Pick<PastEvent, "previous"> & {
  readonly event: Pick<PastEvent["event"], "id" | "time" | "status">;
};

/**
 * Changes of status of one subject, each once, newest first.
 * @param remembered what the board remembers: the last ones, of which the history may not know yet
 * @param told what the history tells: also those that the board has forgotten
 */
export function knownChanges(
  remembered: readonly ChangeOfStatus[],
  told: readonly ChangeOfStatus[],
): ChangeOfStatus[] {
  const known = new Map([...remembered, ...told].map((change) => [change.event.id, change]));
  return [...known.values()].sort((a, b) => (a.event.time < b.event.time ? 1 : -1));
}
