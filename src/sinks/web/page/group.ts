import {
  compareStatus,
  STATUSES,
  type Status,
  type SubjectState,
  worstStatus,
} from "../../../plugin/index.ts";
import { type Html, html } from "./html.ts";
import { shape } from "./shapes.ts";
import { titleOf } from "./words.ts";

/** Services under one heading, failing first. */
export interface Group {
  readonly name: string;
  readonly status: Status;
  readonly states: readonly SubjectState[];
}

/** Sorts services into their groups: the worst group first, and within it the worst service. */
export function groupStates(states: readonly SubjectState[]): readonly Group[] {
  return [...Map.groupBy(states, ({ group }) => group)]
    .map(([name, members]) => ({
      name,
      status: worstStatus(members.map(({ status }) => status)),
      states: members.sort(
        (a, b) => compareStatus(a.status, b.status) || compareText(titleOf(a), titleOf(b)),
      ),
    }))
    .sort((a, b) => compareStatus(a.status, b.status) || compareText(a.name, b.name));
}

/** How a group is shown at first. */
export interface Folding {
  readonly open: boolean;
  /** Whether what is well is folded away below what is in trouble, so that trouble is not lost among it. */
  readonly brief: boolean;
}

/**
 * A group that folds away.
 * @param row renders one service
 */
export function groupSection(
  { name, status, states }: Group,
  { open, brief }: Folding,
  row: (state: SubjectState) => Html,
): Html {
  const tally = STATUSES.map((one) => [one, states.filter((state) => state.status === one).length] as const);
  const trouble = states.filter((state) => state.status !== "ok");
  const well = states.slice(trouble.length);
  const split = brief && trouble.length > 0 && well.length > 0;
  return html`<details class="group" data-key="${name}" data-status="${status}"${open && html` open`}>
<summary><h2>${name}</h2><span class="tally">${tally.map(
    ([one, count]) => count > 0 && html`<span class="${one}">${shape(one)}${count} ${one}</span>`,
  )}</span></summary>
<ul class="rows">
${(split ? trouble : states).map(row)}</ul>
${
  split &&
  html`<details class="well" data-key="well"><summary class="ok">${shape("ok")}${well.length} more that ${well.length === 1 ? "is" : "are"} ok</summary>
<ul class="rows">
${well.map(row)}</ul>
</details>
`
}</details>
`;
}

/** Made when the first page is: the tables behind it take 2 MB. */
let collator: Intl.Collator | undefined;

function compareText(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}
