import { type Silence, STATUSES, type Status, type SubjectState } from "../../../plugin/index.ts";
import { titleOf } from "./words.ts";

/** What a query may hold, as each is tested with every service. */
const MAX_TEXT = 200;
const MAX_LABELS = 10;

/** What can be asked for in place of a status. */
export const KINDS = ["trouble", ...STATUSES, "silenced"] as const;

/** A status, everything that is not ok, or what is silenced. */
export type Kind = "trouble" | Status | "silenced";

/** What of the services is shown. */
export interface View {
  /** Words that must all be found. */
  readonly text: string;
  /** One of them must be true; empty: whatever the status. */
  readonly kinds: readonly Kind[];
  /** All of them must be there, `name=value`. */
  readonly labels: readonly string[];
}

/** Reads a view from a query: `q`, and `status` and `label`, which may come more than once. What it does not know it ignores. */
export function viewOf(query: URLSearchParams): View {
  return {
    text: (query.get("q") ?? "").trim().slice(0, MAX_TEXT),
    kinds: KINDS.filter((kind) => query.getAll("status").includes(kind)),
    labels: query
      .getAll("label")
      .filter((label) => label !== "")
      .slice(0, MAX_LABELS),
  };
}

/** Whether a view leaves nothing out. */
export function showsAll({ text, kinds, labels }: View): boolean {
  return text === "" && kinds.length === 0 && labels.length === 0;
}

/** The query of a view, with the question mark; empty for the view of everything. */
export function queryOfView({ text, kinds, labels }: View): string {
  const query = new URLSearchParams([
    ...(text === "" ? [] : [["q", text]]),
    ...kinds.map((kind) => ["status", kind]),
    ...labels.map((label) => ["label", label]),
  ]).toString();
  return query === "" ? "" : `?${query}`;
}

/**
 * The test of a view.
 * @returns whether a service, with the silence that holds for it, is shown
 */
export function testOf({
  text,
  kinds,
  labels,
}: View): (state: SubjectState, silence: Silence | undefined) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (state, silence) => {
    if (kinds.length > 0 && !kinds.some((kind) => isOfKind(kind, state, silence))) return false;
    const own = Object.entries(state.event?.labels ?? {}).map(([name, value]) => `${name}=${value}`);
    if (!labels.every((label) => own.includes(label))) return false;
    if (words.length === 0) return true;
    const said = [titleOf(state), state.subject, state.group, state.stale ?? state.message, ...own];
    const all = said.join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

/** What is silenced is of no other kind. */
function isOfKind(kind: Kind, { status }: SubjectState, silence: Silence | undefined): boolean {
  if (silence !== undefined || kind === "silenced") return silence !== undefined && kind === "silenced";
  return kind === "trouble" ? status !== "ok" : status === kind;
}
