import { STATUSES, type Status } from "../../../plugin/index.ts";

/** Verdicts as numbers, so that the worst is the largest: 0 ok, 1 unknown, 2 warning, 3 critical. */
export const RANK: Readonly<Record<Status, number>> = { ok: 0, unknown: 1, warning: 2, critical: 3 };

const BY_RANK = STATUSES.toReversed();

/** The verdict of a rank. */
export function statusOf(rank: number): Status {
  return BY_RANK[rank] ?? "unknown";
}
