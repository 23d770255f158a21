import {
  compileFilter,
  type Envelope,
  type HistoryFilter,
  type PastEvent,
  type Silence,
  type SinkContext,
  type SubjectState,
  serviceId,
} from "../../../plugin/index.ts";
import { duration } from "../page/time.ts";
import { titleOf } from "../page/words.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import type { Feed, FeedItem } from "./feed.ts";
import type { Past, PastOf } from "./past-changes.ts";
import { urn } from "./urn.ts";

/** Most items of a feed, and most changes of the board that are looked through to find them. */
const ITEMS = 200;
const CHANGES = 1000;

/** Whose feed: a root's, or that of one of its services. */
export interface FeedSubject {
  readonly scope: Scope;
  /** Undefined for the root's. */
  readonly state: SubjectState | undefined;
}

/** Where the feed is served, absolute. */
export interface FeedPlace {
  /** Scheme and host, without a final slash. */
  readonly origin: string;
  /** Path of the page that the feed belongs to, and of the feed. */
  readonly page: string;
  readonly path: string;
}

/** The changes of a root or a service, from the board and from what the history told. */
export class ChangesOf {
  readonly #subject: FeedSubject;
  readonly #ctx: Pick<SinkContext, "board" | "origin" | "silences">;
  readonly #isChange = compileFilter({ on: "change" });
  readonly #remembered: readonly Envelope[];

  constructor(subject: FeedSubject, ctx: Pick<SinkContext, "board" | "origin" | "silences">) {
    this.#subject = subject;
    this.#ctx = ctx;
    this.#remembered = ctx.board.changes(CHANGES);
  }

  /** Stays the same wherever it is served. */
  get #name(): string {
    const { scope, state } = this.#subject;
    return JSON.stringify(
      state ? [scope.instance, state.origin, state.source, state.subject] : [scope.instance],
    );
  }

  /** What to ask of the history. */
  get past(): PastOf {
    const { scope } = this.#subject;
    return {
      key: `${this.#name} ${scope.site.audience}`,
      filters: this.#filters(),
      test: (change) => this.#isChange(change) && this.#isMine(change),
      enough: ITEMS,
      boardFrom: this.#remembered.length < CHANGES ? undefined : this.#remembered.at(-1)?.event.time,
    };
  }

  /** @param updated RFC 3339: what stands as the time of a feed in which nothing has happened */
  feed(past: Past, { origin, page, path }: FeedPlace, updated: string): Feed {
    const { scope, state } = this.#subject;
    const changes = new Map<string, PastEvent>();
    for (const change of this.#remembered) if (this.#isMine(change)) changes.set(change.event.id, change);
    for (const change of past.changes)
      if (!changes.has(change.event.id)) changes.set(change.event.id, change);
    const newest = [...changes.values()]
      .sort((a, b) => (a.event.time < b.event.time ? 1 : a.event.time > b.event.time ? -1 : 0))
      .slice(0, ITEMS);
    const began = (episode: string) => changes.get(episode)?.event.time ?? past.began.get(episode);
    const link = origin + page;
    return {
      id: urn(this.#ctx.origin, `feed ${this.#name}`),
      title: state ? `${titleOf(state)} · ${scope.title}` : scope.title,
      link,
      self: origin + path,
      updated: newest[0]?.event.time ?? updated,
      items: newest.map((change) => this.#item(change, began, origin, link)),
    };
  }

  #filters(): readonly HistoryFilter[] {
    const { scope, state } = this.#subject;
    if (state) return [{ subject: state.subject, source: state.source, origin: state.origin }];
    if (scope.instance === undefined) return [{}];
    return [...new Set(scope.states.map(({ source }) => source))].map((source) => ({ source }));
  }

  #isMine({ event }: PastEvent): boolean {
    const { scope, state } = this.#subject;
    if (state)
      return (
        event.subject === state.subject && event.source === state.source && event.origin === state.origin
      );
    if (!scope.site.may("look", event.subject)) return false;
    if (scope.instance === undefined) return true;
    return (this.#stateOf(event)?.instance ?? event.source) === scope.instance;
  }

  #stateOf(event: PastEvent["event"]): SubjectState | undefined {
    return this.#ctx.board
      .find(event.subject)
      .find(({ origin, source }) => origin === event.origin && source === event.source);
  }

  /** The silence that holds, if this happened within it: who reads feeds is told, but not alarmed. */
  #silenceOf(event: PastEvent["event"]): Silence | undefined {
    const silence = this.#ctx.silences.of(event);
    return silence && silence.since <= event.time ? silence : undefined;
  }

  #item(
    { event, previous, episode }: PastEvent,
    began: (episode: string) => string | undefined,
    origin: string,
    home: string,
  ): FeedItem {
    const state = this.#stateOf(event);
    const title = state ? titleOf(state) : serviceId(event.subject);
    const since = event.status === "ok" && episode !== null ? began(episode) : undefined;
    const before =
      since === undefined
        ? previous !== null && ` (before: ${previous})`
        : ` (recovered after ${duration(Date.parse(event.time) - Date.parse(since))})`;
    const silence = this.#silenceOf(event);
    return {
      id: urn(event.origin, event.id),
      title: `[${event.status}] ${title}${silence ? " (silenced)" : ""}`.replace(/\s+/g, " "),
      summary: `${event.message || event.state}${before || ""}${silence ? ` (${silenced(silence)})` : ""}`,
      status: event.status,
      link: state ? origin + serviceUrls(this.#subject.scope, state).page : home,
      time: event.time,
    };
  }
}

function silenced({ until, why }: Silence): string {
  return `silenced until ${until}${why === "" ? "" : `: ${why}`}`;
}
