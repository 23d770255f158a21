import { STATUSES, type SubjectState } from "../../../plugin/index.ts";
import { type Html, html } from "./html.ts";
import type { Group, SilenceOf } from "./listing.ts";
import { shape } from "./shapes.ts";

/** How a group is shown. */
export interface GroupParts {
  readonly group: Group;
  readonly open: boolean;
  /** Whether what is well is folded away below what is in trouble, so that trouble is not lost among it. */
  readonly brief: boolean;
  /** The rows of each list. */
  readonly trouble: readonly Html[];
  readonly well: readonly Html[];
  /** Name of the group that follows; empty at the end. Absent: it is not said. */
  readonly next?: string | undefined;
}

/** A group that folds away. Both of its lists are always there, so that a row that changes has a place to go to. */
export function groupSection(parts: GroupParts, silenceOf: SilenceOf): Html {
  const { group, open, brief, trouble, well, next } = parts;
  const { name, status } = group;
  const folded = brief && group.trouble.length > 0;
  return html`<details class="group" data-key="${name}" data-status="${status}"${next !== undefined && html` data-next="${next}"`}${open && html` open`}>
<summary><h2>${name}</h2>${tally(group, silenceOf)}</summary>
<div class="card"><ul class="rows">
${trouble}</ul>
<details class="well${folded && " folded"}" data-key="well"${!folded && html` open`}><summary class="ok">${shape("ok")}${group.well.length} more that ${group.well.length === 1 ? "is" : "are"} ok</summary>
<ul class="rows">
${well}</ul>
</details></div></details>
`;
}

function tally({ trouble, well }: Group, silenceOf: SilenceOf): Html {
  const all: readonly SubjectState[] = [...trouble, ...well];
  const loud = all.filter((state) => !silenceOf(state));
  const silenced = all.length - loud.length;
  return html`<span class="tally">${STATUSES.map((one) => {
    const count = loud.filter(({ status }) => status === one).length;
    return count > 0 && html`<span class="${one}">${shape(one)}${count} ${one}</span>`;
  })}${silenced > 0 && html`<span class="silenced">${shape("silenced")}${silenced} silenced</span>`}</span>`;
}
