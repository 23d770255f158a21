import type { PastEvent, SinkContext, SubjectState } from "../../../plugin/index.ts";
import type { DayCache } from "./day-cache.ts";
import { type ChangeOfStatus, knownChanges } from "./known-changes.ts";
import { ANY_TIME } from "./known-time.ts";
import { PERIODS } from "./period.ts";
import { uptimeOfChanges } from "./uptime-of-changes.ts";
import { within } from "./within.ts";

/** As many changes as the board remembers. */
const REMEMBERED = 1000;
/** Changes of one query, and most queries: of a day with more than that nobody is told. */
const AT_ONCE = 1000;
const QUERIES = 10;
/** Milliseconds that all of them may take, and that what they told, or that they failed, is believed. */
const PATIENCE = 1500;
const FRESH = 30_000;

/** What the history told, and when it was asked. */
interface Told {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Null where they could not be read. */
  readonly changes: Promise<Changes | null>;
}

/** As little of changes as is needed, by whose they are. */
type Changes = ReadonlyMap<string, readonly ChangeOfStatus[]>;

/**
 * Uptime over the last 24 hours of many services at once. The board remembers the last changes of all of them; only where it does not reach
 * back a day the history is asked, once for all, and not for every badge of a page again.
 */
export class LastDay {
  readonly #ctx: Pick<SinkContext, "board" | "history" | "clock" | "signal">;
  readonly #days: Pick<DayCache, "of">;
  #told: Told | undefined;

  constructor(ctx: Pick<SinkContext, "board" | "history" | "clock" | "signal">, days: Pick<DayCache, "of">) {
    this.#ctx = ctx;
    this.#days = days;
  }

  /** The share of the last 24 hours that each of the services was up, 0 to 1, but those of which nothing is known. Never rejects. */
  async uptimes(states: readonly SubjectState[]): Promise<readonly number[]> {
    const { board, history, clock } = this.#ctx;
    if (!history) return [];
    const remembered = board.changes(REMEMBERED);
    const now = clock.now();
    const since = now - PERIODS["24h"];
    const oldest = remembered.at(-1);
    const from = oldest ? Date.parse(oldest.event.time) : undefined;
    const told = from !== undefined && from <= since ? new Map() : await this.#ask(from ?? 0, now, since);
    if (told === null) return [];
    const last = bySubject(remembered);
    return states.flatMap((state) => {
      const key = keyOf(state);
      const changes = knownChanges(last.get(key) ?? [], told.get(key) ?? []);
      const known = this.#days.of(state)?.knownTime(now) ?? ANY_TIME;
      return uptimeOfChanges(state, changes, since, now, known) ?? [];
    });
  }

  /** @param from what was before then must be told */
  #ask(from: number, now: number, since: number): Promise<Changes | null> {
    const told = this.#told;
    if (told && now - told.at < FRESH && told.at >= from) return told.changes;
    const { clock, signal } = this.#ctx;
    const changes = within(clock, PATIENCE, signal, (end) => this.#read(since, end)).catch(() => null);
    this.#told = { at: now, changes };
    return changes;
  }

  async #read(since: number, signal: AbortSignal): Promise<Changes | null> {
    const changes: PastEvent[] = [];
    const query = { changes: true, since: new Date(since).toISOString(), limit: AT_ONCE };
    let after: string | undefined;
    for (let queries = 0; queries < QUERIES; queries++) {
      const page = await this.#ctx.history?.events({ ...query, after }, signal);
      if (!page) return null;
      changes.push(...page.items);
      if (page.next === null) return bySubject(changes);
      after = page.next;
    }
    return null;
  }
}

function bySubject(changes: readonly Pick<PastEvent, "event" | "previous">[]): Changes {
  const grouped = new Map<string, ChangeOfStatus[]>();
  for (const { event, previous } of changes) {
    const { id, time, status } = event;
    const key = keyOf(event);
    const own = grouped.get(key) ?? [];
    grouped.set(key, own);
    own.push({ previous, event: { id, time, status } });
  }
  return grouped;
}

function keyOf({
  origin,
  source,
  subject,
}: Readonly<Record<"origin" | "source" | "subject", string>>): string {
  return `${origin}\0${source}\0${subject}`;
}
