/** The verdicts, worst first. They are the same everywhere: in code, files, on the wire and on the page. */
export const STATUSES = ["critical", "warning", "unknown", "ok"] as const;

/** One verdict. */
export type Status = (typeof STATUSES)[number];

const RANK: Record<Status, number> = { critical: 3, warning: 2, unknown: 1, ok: 0 };

/** Compares for sorting worst first. Returns a negative number when `a` is worse than `b`. */
export function compareStatus(a: Status, b: Status): number {
  return RANK[b] - RANK[a];
}

/** The worst of some verdicts; `ok` for none. */
export function worstStatus(statuses: Iterable<Status>): Status {
  let worst: Status = "ok";
  for (const status of statuses) if (RANK[status] > RANK[worst]) worst = status;
  return worst;
}

/** Whether the verdict opens an episode. `unknown` does not: it neither opens nor closes one. */
export function isBad(status: Status): boolean {
  return status === "critical" || status === "warning";
}
