import type { Board, Json, Status, SubjectState } from "../../plugin/index.ts";
import { worstStatus } from "../../plugin/index.ts";
import { type Change, type ChangeKind, subjectKey } from "./change.ts";
import { whenText, wordOf } from "./change-words.ts";
import type { OwedMessage } from "./owed-message.ts";
import { pageLink } from "./page-link.ts";
import { serviceTitle } from "./service-title.ts";
import { cut, oneLine, timeText } from "./text.ts";

/** One change as it is told. */
export interface Item extends Omit<Change, "at" | "kind"> {
  readonly kind: ChangeKind | "test";
  /** `DOWN`, `WARNING`, `WORSE`, `STILL DOWN`, `RECOVERED`, `NOT WATCHED`, `TEST`. */
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
  /** The worst that its subjects were left in; ok where everything recovered. */
  readonly status: Status;
  /** All its changes: the subjects that are worst off first, and what happened to each in its order. */
  readonly items: readonly Item[];
  /** Those of them that there is room for among people: where there are too many the last one of each subject. */
  readonly listed: readonly Item[];
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
  readonly board: Pick<Board, "find" | "subjects">;
}

/** A program is given all of a message's changes, so a message has no more than these for it. */
export const MOST_FOR_MACHINES = 200;
/** A check may say a lot, and what is too long for a message is on the page. */
const MOST_MESSAGE = 2000;
/** How many are named in a headline, each by its verdict, and with how many characters. */
const MOST_NAMES = 3;
const MOST_NAME = 30;

const RANK: Readonly<Record<ChangeKind, number>> = {
  worse: 0,
  down: 1,
  reminder: 2,
  recovered: 3,
  retired: 4,
};

/** Makes messages for people and machines out of changes. */
export class TellingMaker {
  readonly #parts: TellingParts;

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** The telling of a message, with titles and links as board and configuration have them now. */
  of({ id, changes, lost }: Pick<OwedMessage, "id" | "changes" | "lost">): Telling {
    const pageUrl = this.#parts.pageUrl();
    const stories = storiesOf(changes);
    const titles = this.#titles(changes);
    const itemOf = (change: Change) => this.#item(change, titles.get(subjectKey(change)) as string);
    const items = stories.flat().map(itemOf);
    const { listed, notes } = this.#list(stories, itemOf);
    if (lost > 0)
      notes.push(
        `${lost} earlier ${lost === 1 ? "change was" : "changes were"} never told: see the log of lifeguard`,
      );
    const [only] = items;
    const single = items.length === 1 && only !== undefined ? only : undefined;
    return this.#telling({
      id,
      kind: single?.kind ?? "several",
      headline: single ? `${single.word} ${single.title}` : headline(items),
      items,
      listed,
      count: changes.length,
      notes,
      status: worstStatus(stories.flatMap((story) => story.at(-1)?.status ?? [])),
      url: single?.url ?? (pageUrl === undefined ? null : `${pageUrl}/`),
    });
  }

  /** All changes where there is room for them, else the last one of each subject, as far as there is. */
  #list(
    stories: readonly Story[],
    itemOf: (change: Change) => Item,
  ): { readonly listed: readonly Item[]; readonly notes: string[] } {
    const { listed: most } = this.#parts;
    const all = stories.flat();
    if (all.length <= most) return { listed: all.map(itemOf), notes: [] };
    const listed = stories.slice(0, most).map((story) => {
      const item = itemOf(story.at(-1) as Change);
      return story.length === 1
        ? item
        : { ...item, when: `${item.when}, the last of ${story.length} changes` };
    });
    const rest = stories.slice(most).flat();
    return { listed, notes: rest.length === 0 ? [] : [`and ${rest.length} more: ${summary(rest)}`] };
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
      listed: [item],
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
        ...rest.listed.flatMap((item) => [
          `${item.word} ${item.title}: ${item.message}`,
          `  ${item.when}${item.url === null ? "" : `  ${item.url}`}`,
        ]),
        ...rest.notes,
      ].join("\n"),
    };
  }

  #item({ at: _, ...change }: Change, title: string): Item {
    const pageUrl = this.#parts.pageUrl();
    return {
      ...change,
      title,
      message: cut(oneLine(change.message), MOST_MESSAGE),
      word: wordOf(change),
      when: whenText(change),
      url: pageUrl === undefined ? null : pageLink(pageUrl, change, this.#parts.board),
    };
  }

  /** What each subject is called, with where it belongs if others are called the same. */
  #titles(changes: readonly Change[]): ReadonlyMap<string, string> {
    const { board } = this.#parts;
    const asked = new Set(changes.map(({ title }) => title));
    const namesakes = new Map<string, SubjectState[]>();
    for (const row of board.subjects()) {
      const title = serviceTitle(row.subject, row);
      if (asked.has(title)) namesakes.set(title, [...(namesakes.get(title) ?? []), row]);
    }
    return new Map(
      changes.map((change) => {
        const { title, source, subject, origin } = change;
        const all = namesakes.get(title) ?? [];
        const row = all.find(
          (one) => one.subject === subject && one.source === source && one.origin === origin,
        );
        const more = all.length > 1 ? ` (${row ? placeAmong(row, all) : source})` : "";
        return [subjectKey(change), oneLine(`${title}${more}`)] as const;
      }),
    );
  }
}

/** The shortest that tells a subject from its namesakes. */
function placeAmong(row: SubjectState, namesakes: readonly SubjectState[]): string {
  const isOwn = (place: (one: SubjectState) => string) =>
    namesakes.every((one) => one === row || place(one) !== place(row));
  for (const place of [
    ({ group }: SubjectState) => group,
    ({ instance }: SubjectState) => instance,
    ({ source }: SubjectState) => source,
    ({ origin }: SubjectState) => origin,
  ])
    if (isOwn(place)) return place(row);
  return row.subject;
}

/** What happened to one subject, in its order. */
type Story = readonly Change[];

/** The subjects that were left worst off come first. */
function storiesOf(changes: readonly Change[]): readonly Story[] {
  const last = (story: Story) => story.at(-1) as Change;
  return [...Map.groupBy(changes, subjectKey).values()].sort(
    (a, b) =>
      RANK[last(a).kind] - RANK[last(b).kind] ||
      severity(last(b)) - severity(last(a)) ||
      last(a).at - last(b).at,
  );
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

/** `4 DOWN (Disk space, Load, Mail, …), 1 RECOVERED (Shop)`: who sees no more of it should know what it is about. */
function headline(items: readonly Item[]): string {
  return [...Map.groupBy(items, ({ word }) => word)]
    .map(([word, all]) => {
      const names = [...new Set(all.map(({ title }) => cut(title, MOST_NAME)))];
      const shown = [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ["…"] : [])];
      return `${all.length} ${word} (${shown.join(", ")})`;
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
