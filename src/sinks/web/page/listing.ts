import {
  compareStatus,
  type Silence,
  type Status,
  type SubjectState,
  worstStatus,
} from "../../../plugin/index.ts";
import type { TitleOrder } from "./title-order.ts";
import { titleOf } from "./words.ts";

/** Which silence holds for a subject now, if one does. */
export type SilenceOf = (state: SubjectState) => Silence | undefined;

/** Services under one heading. */
export interface Group {
  readonly name: string;
  /** The worst of those that are not silenced. */
  readonly status: Status;
  /** What is not ok, the worst first, and what is silenced after it. */
  readonly trouble: readonly SubjectState[];
  readonly well: readonly SubjectState[];
}

/** Sorts services into their groups: the worst group first, and within it the worst service, else by title. */
export function listGroups(
  states: readonly SubjectState[],
  order: TitleOrder,
  silenceOf: SilenceOf,
): readonly Group[] {
  const grouped = Map.groupBy(states, ({ group }) => group);
  order.learn([...grouped.keys(), ...states.map(titleOf)]);
  return [...grouped]
    .map(([name, members]) => groupOf(name, members, order, silenceOf))
    .sort((a, b) => compareStatus(a.status, b.status) || order.compare(a.name, b.name));
}

function groupOf(
  name: string,
  members: readonly SubjectState[],
  order: TitleOrder,
  silenceOf: SilenceOf,
): Group {
  const byTitle = members.toSorted((a, b) => order.compare(titleOf(a), titleOf(b)));
  const bad = byTitle
    .filter(({ status }) => status !== "ok")
    .map((state) => ({ state, silence: silenceOf(state) }));
  bad.sort(
    (a, b) =>
      Number(a.silence !== undefined) - Number(b.silence !== undefined) ||
      compareStatus(a.state.status, b.state.status),
  );
  return {
    name,
    status: worstStatus(bad.filter(({ silence }) => !silence).map(({ state }) => state.status)),
    trouble: bad.map(({ state }) => state),
    well: byTitle.filter(({ status }) => status === "ok"),
  };
}
