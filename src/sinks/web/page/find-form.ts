import type { SubjectState } from "../../../plugin/index.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { KINDS, showsAll, type View } from "./view.ts";

/** Labels to choose from: a list that is longer helps nobody. */
const MOST_LABELS = 200;

/** What people read for a kind that is no status. */
const WORDS: Readonly<Record<string, string>> = { trouble: "not ok" };

/** What the form is made of. */
export interface FindParts {
  /** Where the list is. */
  readonly lists: string;
  readonly view: View;
  readonly labels: readonly string[];
  readonly shown: number;
  readonly all: number;
}

/** Search, and choice of status and label: a form that works by itself, and is sent while one types where there is a script. */
export function findForm({ lists, view, labels, shown, all }: FindParts): Html {
  const [label = ""] = view.labels;
  return html`<form class="find" data-key="find" role="search" action="${lists}/" method="get">
<label class="words"><span class="only-read">Search the services</span><input type="search" name="q" value="${view.text}" placeholder="Search" aria-keyshortcuts="/" autocomplete="off"></label>
<label><span class="only-read">Status</span><select name="status">${choice("", "Every status", view.kinds.length === 0)}${KINDS.map(
    (kind) => choice(kind, WORDS[kind] ?? kind, view.kinds.includes(kind)),
  )}</select></label>
${
  labels.length > 0 &&
  html`<label><span class="only-read">Label</span><select name="label">${choice("", "Every label", label === "")}${labels.map((one) => choice(one, one, one === label))}</select></label>
`
}<button>Show</button>
${!showsAll(view) && html`<p class="found">${shown} of ${all} shown · <a href="${lists}/">Show all</a></p>`}
</form>
`;
}

/** All labels of some services, `name=value`, in order. */
export function labelsOf(states: readonly SubjectState[]): readonly string[] {
  const all = new Set<string>();
  for (const { event } of states) {
    if (!event) continue;
    for (const name in event.labels) all.add(`${name}=${event.labels[name]}`);
  }
  return [...all].sort().slice(0, MOST_LABELS);
}

function choice(value: string, words: string, chosen: boolean): HtmlValue {
  return html`<option value="${value}"${chosen && html` selected`}>${words}</option>`;
}
