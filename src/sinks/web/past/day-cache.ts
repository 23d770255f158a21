import type { HistoryDay, SinkContext, Status, SubjectDays, SubjectState } from "../../../plugin/index.ts";
import { bar, barDays, withStanding } from "../page/bar.ts";
import type { Html } from "../page/html.ts";
import { type KnownTime, knownTime } from "./known-time.ts";
import { within } from "./within.ts";

/** Subjects of one query: few, so that taking in an answer holds up no request. */
const AT_ONCE = 50;
/** Milliseconds from one look at all days to the next, or so many times what the look took, whichever is longer. */
const EVERY = 60_000;
const REST = 20;
/** Milliseconds until the next try where there is no history, or nothing in it, or it fails. */
const RETRY = 2000;
/** Milliseconds one query may take. */
const PATIENCE = 10_000;
/** Milliseconds after which days that cannot be read again are not shown any more. */
const TOO_OLD = 15 * 60_000;

/** What is shown of a subject's last ninety days. */
export interface DaySummary {
  /**
   * Drawn, with a verdict that stands now and that the days, which are read now and then, may not know of yet.
   * @param now milliseconds since the epoch
   */
  bar(standing: Status, now: number): Html;
  /** Share of the known time that it was up, 0 to 1, in so many days; null where nothing is known. */
  readonly uptime: Readonly<Record<7 | 30 | 90, number | null>>;
  /** How many days were critical at some time. */
  readonly critical: number;
  /** How long it can have been up and down within the 24 hours before `now`, milliseconds since the epoch. */
  knownTime(now: number): KnownTime;
}

/**
 * The last days of every subject, so that no page waits for a database. Read in the background and again every minute, from whichever
 * history there is; a history that fails, or comes and goes, leaves what was read before.
 */
export class DayCache {
  readonly #ctx: Pick<SinkContext, "history" | "clock" | "signal" | "board">;
  #days = new Map<string, DaySummary>();
  #version = 0;

  constructor(ctx: Pick<SinkContext, "history" | "clock" | "signal" | "board">) {
    this.#ctx = ctx;
    void this.#run();
  }

  /** Grows with every difference. */
  get version(): number {
    return this.#version;
  }

  /** Whether nothing is known of any subject. */
  get empty(): boolean {
    return this.#days.size === 0;
  }

  /** The days of a subject; undefined while nothing is known of it. */
  of(state: SubjectState): DaySummary | undefined {
    return this.#days.get(keyOf(state));
  }

  async #run(): Promise<void> {
    const { clock, signal } = this.#ctx;
    let read = clock.monotonic();
    try {
      for (;;) {
        const began = clock.monotonic();
        const done = await this.#read().catch(() => false);
        const now = clock.monotonic();
        if (done) read = now;
        else if (now - read > TOO_OLD) this.#keep(new Set());
        await clock.sleep(done ? Math.max(EVERY, REST * (now - began)) : RETRY, signal);
      }
    } catch {
      // We are stopping.
    }
  }

  /** Reads all days once. Returns false where there is no history, or nothing in it yet. */
  async #read(): Promise<boolean> {
    const { clock, signal, board } = this.#ctx;
    const seen = new Set<string>();
    let after: string | undefined;
    do {
      const { history } = this.#ctx;
      if (!history) return false;
      const read = clock.now();
      const { items, next } = await within(clock, PATIENCE, signal, (end) =>
        history.days({ limit: AT_ONCE, after }, end),
      );
      for (const item of items) {
        const { subject, source, origin } = item;
        // What is watched no more has a history, but no row.
        if (!board.find(subject).some((one) => one.source === source && one.origin === origin)) continue;
        const key = keyOf(item);
        seen.add(key);
        this.#days.set(key, summary(item, read));
      }
      this.#version++;
      after = next ?? undefined;
    } while (after !== undefined);
    this.#keep(seen);
    return seen.size > 0;
  }

  #keep(keys: ReadonlySet<string>): void {
    if (keys.size === this.#days.size) return;
    this.#days = new Map([...this.#days].filter(([key]) => keys.has(key)));
    this.#version++;
  }
}

function summary({ days, uptime }: SubjectDays, read: number): DaySummary {
  const last = days.slice(-2).map(({ up, down }) => ({ up, down }));
  const shown = barDays(days);
  const drawn = bar(shown);
  return {
    knownTime: (now) => knownTime(last, read, now),
    bar(standing, now) {
      const current = withStanding(shown, standing, new Date(now).toISOString().slice(0, 10));
      return current === shown ? drawn : bar(current);
    },
    uptime: { 7: uptimeOf(days.slice(-7)), 30: uptimeOf(days.slice(-30)), 90: uptime },
    critical: days.filter(({ worst }) => worst === "critical").length,
  };
}

/** Share of the known time of some days that was up, 0 to 1; null where nothing is known. */
export function uptimeOf(days: readonly Pick<HistoryDay, "up" | "down">[]): number | null {
  let [up, down] = [0, 0];
  for (const day of days) {
    up += day.up;
    down += day.down;
  }
  return up + down === 0 ? null : up / (up + down);
}

function keyOf({ origin, source, subject }: Pick<SubjectState, "origin" | "source" | "subject">): string {
  return `${origin}\0${source}\0${subject}`;
}
