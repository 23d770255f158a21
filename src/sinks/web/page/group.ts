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

/**
 * A group that folds away.
 * @param open whether it is unfolded at first
 */
export function groupSection({ name, status, states }: Group, open: boolean, rows: readonly Html[]): Html {
  const tally = STATUSES.map((one) => [one, states.filter((state) => state.status === one).length] as const);
  return html`<details class="group" data-key="${name}" data-status="${status}"${open && html` open`}>
<summary><h2>${name}</h2><span class="tally">${tally.map(
    ([one, count]) => count > 0 && html`<span class="${one}">${shape(one)}${count} ${one}</span>`,
  )}</span></summary>
<ul class="rows">
${rows}</ul>
</details>
`;
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

function compareText(a: string, b: string): number {
  return COLLATOR.compare(a, b);
}
