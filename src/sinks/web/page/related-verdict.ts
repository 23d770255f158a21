import { isBad, type Status, worstStatus } from "../../../plugin/index.ts";
import type { RelatedSnapshot } from "../related/snapshot.ts";

/** What related monitors come to together. */
export interface RelatedVerdict {
  readonly status: Status;
  readonly sentence: string;
  /** How many of them are not ok. */
  readonly trouble: number;
  /** How many of them are dead, critical or have a warning. */
  readonly bad: number;
}

/** Sums up related monitors. Those that are not asked, or were not heard yet, say nothing; null where none says anything. */
export function relatedVerdict(monitors: readonly RelatedSnapshot[]): RelatedVerdict | null {
  const known = monitors.filter(({ state }) => state === "heard" || state === "dead");
  if (known.length === 0) return null;
  return {
    status: worstStatus(known.map(({ status }) => status)),
    sentence: sentence(known),
    trouble: known.filter(({ status }) => status !== "ok").length,
    bad: known.filter(({ status }) => isBad(status)).length,
  };
}

function sentence(known: readonly RelatedSnapshot[]): string {
  const trouble = known.filter(({ status }) => status !== "ok");
  const [one, ...others] = trouble.length > 0 ? trouble : known;
  if (one && others.length === 0)
    return `The related monitor ${one.title} ${one.status === "warning" ? "has a warning" : `is ${wordOf(one)}`}`;
  if (trouble.length === 0) return `All ${known.length} related monitors are ok`;
  const words = Map.groupBy(trouble, wordOf);
  const parts = ["dead", "critical", "warning", "unknown"].flatMap((word) => {
    const count = words.get(word)?.length ?? 0;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return `${trouble.length} of ${known.length} related monitors are not ok: ${parts.join(", ")}`;
}

function wordOf({ state, status }: RelatedSnapshot): string {
  return state === "dead" ? "dead" : status;
}
