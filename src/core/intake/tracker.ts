import {
  type Description,
  type Envelope,
  isHousekeeping,
  type Measure,
  type Status,
} from "../../plugin/index.ts";
import { SubjectMap } from "../board/subject-map.ts";
import type { SubjectKey, SubjectRow } from "../journal/port.ts";
import type { Checked, MutableEvent } from "./check.ts";
import { attended, judged, openEpisode } from "./transitions.ts";

/** The verdict that stands for a subject. */
export interface Standing {
  readonly status: Status;
  readonly state: string;
  /** The episode under way; null outside one. */
  readonly episode: string | null;
}

/** What stands for one subject, events included that are not committed yet. */
interface Entry {
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  latest: Envelope | null;
  measures: Readonly<Record<string, Measure>> | null;
  description: Description | null;
  /** Differs from what was last given to the journal. */
  touched: boolean;
  /** Retired; stays in the map until the journal was told, so that one transaction holds one fact about a subject. */
  retired: boolean;
}

const STATES: Record<Status, string> = {
  critical: "CRITICAL",
  warning: "WARNING",
  unknown: "UNKNOWN",
  ok: "OK",
};

/** What stands for every subject; finds what each event changes, before the commit, in order. */
export class Tracker {
  readonly #entries = new SubjectMap<Entry>();
  readonly #limit: number;
  #touched: Entry[] = [];
  #live = 0;

  /**
   * @param rows what the journal holds, so that neither a restart nor a crash begins an episode anew
   * @param limit most subjects to know
   */
  constructor(rows: readonly SubjectRow[], limit: number) {
    this.#limit = limit;
    for (const { origin, source, subject, latest, measures, description } of rows) {
      const entry = {
        origin,
        source,
        subject,
        latest,
        measures,
        description,
        touched: false,
        retired: false,
      };
      this.#entries.set(entry, entry);
      this.#live++;
    }
  }

  /** How many more subjects fit. */
  get room(): number {
    return Math.max(0, this.#limit - this.#live);
  }

  /** Whether something stands for the subject. */
  knows(key: SubjectKey): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && !entry.retired;
  }

  /** The verdict that stands; undefined while there was none. */
  standing(key: SubjectKey): Standing | undefined {
    const latest = this.#entries.get(key)?.latest;
    if (!latest) return undefined;
    return { status: latest.event.status, state: latest.event.state, episode: openEpisode(latest) };
  }

  /** How many new subjects some drafts name; 0 without looking where they fit in any case. */
  fresh(drafts: readonly Checked[]): number {
    if (drafts.length <= this.room) return 0;
    const keys = drafts
      .filter(({ event }) => event.type !== "subject.retired" && !this.knows(event))
      .map(({ event }) => `${event.origin}\n${event.source}\n${event.subject}`);
    return new Set(keys).size;
  }

  /** The description that stands; null for none. */
  description(key: SubjectKey): Description | null {
    return this.#entries.get(key)?.description ?? null;
  }

  /** The subjects of one source that something stands for. */
  subjects(origin: string, source: string): string[] {
    const entries = this.#entries.ofSource(origin, source)?.values() ?? [];
    return [...entries].filter((entry) => !entry.retired).map((entry) => entry.subject);
  }

  /**
   * Takes the next event: fills in its status where the one that stands is meant and its state where it has none, and returns its
   * envelope. From now on it is what stands.
   * @param verdict the event's own status; null for the one that stands
   */
  take(event: MutableEvent, verdict: Status | null, seq: number, received: string): Envelope {
    const entry = this.#entry(event);
    const { latest } = entry;
    // One copy of each name for all events that are kept, with its hash known to the maps to come.
    event.subject = entry.subject;
    event.source = entry.source;
    event.origin = entry.origin;
    const housekeeping = isHousekeeping(event.type);
    const stands = latest?.event.status;
    event.status = (housekeeping ? (stands ?? verdict) : (verdict ?? stands)) ?? "unknown";
    if (event.state === "") event.state = STATES[event.status];
    if (!entry.touched) {
      entry.touched = true;
      this.#touched.push(entry);
    }
    if (!housekeeping) {
      const envelope = judged(latest, event, seq, received);
      entry.latest = envelope;
      entry.measures = null;
      return envelope;
    }
    const envelope = attended(latest, event, seq, received);
    if (event.type === "subject.retired") this.#retire(entry);
    else if (event.type === "subject.described") entry.description = event.data as unknown as Description;
    else if (Object.keys(event.measures).length > 0) entry.measures = event.measures;
    return envelope;
  }

  /** What the next append says about subjects: one row for each that was touched since the last call, or its retirement. */
  flush(): { subjects: SubjectRow[]; retired: SubjectKey[] } {
    const subjects: SubjectRow[] = [];
    const retired: SubjectKey[] = [];
    for (const entry of this.#touched) {
      entry.touched = false;
      const { origin, source, subject, latest, measures, description } = entry;
      if (entry.retired) {
        this.#entries.delete(entry);
        retired.push({ origin, source, subject });
      } else subjects.push({ origin, source, subject, latest, measures, description });
    }
    this.#touched = [];
    return { subjects, retired };
  }

  #entry(event: SubjectKey): Entry {
    let entry = this.#entries.get(event);
    if (!entry) {
      const { origin, source, subject } = event;
      entry = {
        origin,
        source,
        subject,
        latest: null,
        measures: null,
        description: null,
        touched: false,
        retired: false,
      };
      this.#entries.set(entry, entry);
      this.#live++;
    } else if (entry.retired) {
      entry.retired = false;
      this.#live++;
    }
    return entry;
  }

  #retire(entry: Entry): void {
    entry.retired = true;
    entry.latest = null;
    entry.measures = null;
    entry.description = null;
    this.#live--;
  }
}
