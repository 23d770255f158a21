import type { Envelope, Status } from "../../../../src/plugin/index.ts";
import { DAY } from "./open-store.ts";

/** What a day must hold, worked out millisecond by millisecond where the store adds up batches. */
export interface SlowDay {
  up: number;
  down: number;
  unknown: number;
  counts: Record<Status, number>;
  latencies: number[];
}

/** An episode, worked out by reading everything again. */
export interface SlowEpisode {
  began: number;
  ended: number | null;
  events: number;
  critical: boolean;
}

/**
 * The straightforward way: takes all events of one subject in the order in which they came, each id once, and works out days and episodes.
 * @param step every time is a multiple of it
 */
export function slowHistory(
  envelopes: readonly Envelope[],
  step: number,
  gaps: ReadonlyArray<readonly [from: number, to: number]> = [],
): { readonly days: ReadonlyMap<number, SlowDay>; readonly episodes: ReadonlyMap<string, SlowEpisode> } {
  const days = new Map<number, SlowDay>();
  const episodes = new Map<string, SlowEpisode>();
  const dayAt = (time: number) => {
    const number = Math.floor(time / DAY);
    const day = days.get(number) ?? {
      up: 0,
      down: 0,
      unknown: 0,
      counts: { critical: 0, warning: 0, unknown: 0, ok: 0 },
      latencies: [],
    };
    days.set(number, day);
    return day;
  };
  /** What stood in each step that is accounted for. */
  const stood = new Map<number, Status>();
  const seen = new Set<string>();
  let standing: Status | null = null;
  let until = 0;
  for (const { event, received, episode, since } of envelopes) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    const time = Date.parse(event.time);
    const gone = /\.(?:unregistered|retired)$/.test(event.type);
    const lost = event.type.endsWith(".monitor_deleted");
    const judges = !lost && !/\.(?:unregistered|retired|registered|measured)$/.test(event.type);
    if (gone || lost || judges) {
      // What a clock that ran ahead has counted was not so.
      for (const at of [...stood.keys()]) if (at >= Date.parse(received)) stood.delete(at);
      until = Math.min(until, Date.parse(received));
      if (standing !== null) for (let at = until; at < time; at += step) stood.set(at, standing);
      if (gone) standing = null;
      else if (judges) standing = event.status;
      else if (standing !== null) standing = "unknown";
      until = Math.max(until, time);
    }
    const duration = event.measures.duration?.value;
    if (duration !== undefined) dayAt(time).latencies.push(duration);
    if (gone)
      for (const known of episodes.values())
        if (known.ended === null) known.ended = Math.max(time, known.began);
    if (!judges) continue;
    dayAt(time).counts[event.status]++;
    if (episode === null) continue;
    const known = episodes.get(episode) ?? {
      began: Date.parse(since),
      ended: null,
      events: 0,
      critical: false,
    };
    episodes.set(episode, known);
    if (event.id === episode) known.began = time;
    known.events++;
    known.critical ||= event.status === "critical";
    known.ended = event.status === "ok" ? Math.max(time, known.began) : null;
  }
  for (const [at, status] of stood) {
    if (gaps.some(([from, to]) => at >= from && at < to)) continue;
    const day = dayAt(at);
    if (status === "critical") day.down += step;
    else if (status === "unknown") day.unknown += step;
    else day.up += step;
  }
  return { days, episodes };
}
