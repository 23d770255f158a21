import type { Board, Json, Status } from "../../plugin/index.ts";
import { worstStatus } from "../../plugin/index.ts";
import type { Change, ChangeKind } from "./change.ts";
import { durationText } from "./duration-text.ts";
import type { OwedMessage } from "./outbox.ts";
import { pageLink } from "./page-link.ts";

/** One change as it is told. */
export interface Item extends Omit<Change, "at" | "kind"> {
  readonly kind: ChangeKind | "test";
  /** `DOWN`, `WARNING`, `WORSE`, `STILL DOWN`, `RECOVERED`, `TEST`. */
  readonly word: string;
  /** What changed and since when, in a few words: `down since 2026-01-31 10:00:00 UTC`. */
  readonly when: string;
  /** The page that shows it; null where no address of the page is known. */
  readonly url: string | null;
}

/** A message as it is told: the same whichever way it goes. */
export interface Telling {
  /** The same whenever this message is told again: receivers tell a repetition by it. */
  readonly id: string;
  /** `several` where it tells more than one change. */
  readonly kind: Item["kind"] | "several";
  /** One line. */
  readonly title: string;
  /** Lines for people, without markup. */
  readonly text: string;
  /** The worst of what it tells; ok where everything recovered. */
  readonly status: Status;
  /** The changes that are listed, the worst first. */
  readonly items: readonly Item[];
  /** How many changes it tells in all. */
  readonly count: number;
  /** What it sums up instead of listing, and what was lost before it; empty where there is neither. */
  readonly notes: readonly string[];
  /** The page of the one subject, or the page itself; null where no address is known. */
  readonly url: string | null;
  /** The title of this lifeguard. */
  readonly sender: string;
}

/** What tellings are made with. */
export interface TellingParts {
  readonly title: string | undefined;
  /** Address of the page, without a final slash; undefined where none is known. It may change meanwhile. */
  readonly pageUrl: () => string | undefined;
  /** Most changes that are listed. */
  readonly listed: number;
  readonly board: Pick<Board, "find">;
}

/** A check may say a lot, and what is too long for a message is on the page. */
const MOST_MESSAGE = 2000;
/** How many are named in a headline, each by its verdict, and with how many characters. */
const MOST_NAMES = 3;
const MOST_NAME = 30;

const RANK: Readonly<Record<ChangeKind, number>> = { worse: 0, down: 1, reminder: 2, recovered: 3 };

/** Makes messages for people and machines out of changes. */
export class TellingMaker {
  readonly #parts: TellingParts;

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** The telling of a message. The same message gives the same telling, but for the configuration. */
  of({ id, changes, lost }: OwedMessage): Telling {
    const { listed } = this.#parts;
    const pageUrl = this.#parts.pageUrl();
    const sorted = [...changes].sort(
      (a, b) => RANK[a.kind] - RANK[b.kind] || severity(b) - severity(a) || a.at - b.at,
    );
    const items = sorted.slice(0, listed).map((change) => this.#item(change));
    const notes: string[] = [];
    if (sorted.length > listed)
      notes.push(`and ${sorted.length - listed} more: ${summary(sorted.slice(listed))}`);
    if (lost > 0)
      notes.push(
        `${lost} earlier ${lost === 1 ? "change was" : "changes were"} never told: see the log of lifeguard`,
      );
    const [only] = items;
    const single = changes.length === 1 && only !== undefined ? only : undefined;
    return this.#telling({
      id,
      kind: single?.kind ?? "several",
      headline: single ? `${single.word} ${single.title}` : headline(sorted),
      items,
      count: changes.length,
      notes,
      status: worstStatus(changes.map(({ status }) => status)),
      url: single?.url ?? (pageUrl === undefined ? null : `${pageUrl}/`),
    });
  }

  /** A telling that says it is a test. @param id of its own @param time RFC 3339 */
  test(id: string, time: string, origin: string): Telling {
    const pageUrl = this.#parts.pageUrl();
    const url = pageUrl === undefined ? null : `${pageUrl}/`;
    const item: Item = {
      id: `${id}/test`,
      kind: "test",
      word: "TEST",
      episode: id,
      origin,
      source: "lifeguard",
      subject: "lifeguard/test",
      title: "this is a test",
      status: "ok",
      state: "TEST",
      message: "A person asked lifeguard to send this. Nothing is wrong.",
      labels: {},
      since: time,
      ended: null,
      when: `sent ${timeText(time)}`,
      url,
    };
    return this.#telling({
      id,
      kind: "test",
      headline: "TEST this is a test",
      items: [item],
      count: 1,
      notes: [],
      status: "ok",
      url,
    });
  }

  #telling({
    headline,
    ...rest
  }: Omit<Telling, "title" | "text" | "sender"> & { headline: string }): Telling {
    const sender = this.#parts.title ?? "lifeguard";
    return {
      ...rest,
      sender,
      title: cut(oneLine(`[${sender}] ${headline}`), 200),
      text: [
        ...rest.items.flatMap((item) => [
          `${item.word} ${item.title}: ${item.message}`,
          `  ${item.when}${item.url === null ? "" : `  ${item.url}`}`,
        ]),
        ...rest.notes,
      ].join("\n"),
    };
  }

  #item({ at: _, ...change }: Change): Item {
    const { board } = this.#parts;
    const pageUrl = this.#parts.pageUrl();
    return {
      ...change,
      title: oneLine(change.title),
      message: cut(oneLine(change.message), MOST_MESSAGE),
      word: wordOf(change),
      when: whenText(change),
      url: pageUrl === undefined ? null : pageLink(pageUrl, change, board),
    };
  }
}

/** What a machine is given: the body of a webhook without a template, and the standard input of an executable. */
export function tellingJson({
  id,
  kind,
  title,
  text,
  status,
  count,
  notes,
  url,
  sender,
  items,
}: Telling): Json {
  return {
    id,
    kind,
    title,
    text,
    status,
    count,
    notes,
    url,
    sender,
    items: items.map((item) => ({ ...item })),
  };
}

/** Cuts a text to so many characters, and shows that it did. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character is none.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** `2026-01-31 10:00:00 UTC` of an RFC 3339 time. */
export function timeText(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function wordOf({ kind, status }: Pick<Change, "kind" | "status">): string {
  const word = status === "warning" ? "WARNING" : "DOWN";
  return { down: word, worse: "WORSE", reminder: `STILL ${word}`, recovered: "RECOVERED" }[kind];
}

function whenText({ kind, since, ended, status }: Omit<Change, "at">): string {
  if (kind === "recovered" && ended !== null)
    return `ok since ${timeText(ended)}, after ${durationText(Date.parse(ended) - Date.parse(since))}`;
  if (kind === "worse") return `critical now, not ok since ${timeText(since)}`;
  return `${status === "warning" ? "warning" : "down"} since ${timeText(since)}`;
}

/** `4 DOWN (Disk space, Load, Mail, …), 1 RECOVERED (Shop)`: who sees no more of it should know what it is about. */
function headline(changes: readonly Change[]): string {
  return [...Map.groupBy(changes, wordOf)]
    .map(([word, all]) => {
      const names = all.slice(0, MOST_NAMES).map(({ title }) => cut(oneLine(title), MOST_NAME));
      return `${all.length} ${word} (${[...names, ...(all.length > MOST_NAMES ? ["…"] : [])].join(", ")})`;
    })
    .join(", ");
}

/** `3 DOWN, 1 RECOVERED`. */
function summary(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const change of changes) counts.set(wordOf(change), (counts.get(wordOf(change)) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

function severity({ status }: Change): number {
  return status === "critical" ? 1 : 0;
}

/** Nothing that a check printed can begin a line, a header or a terminal's command. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
