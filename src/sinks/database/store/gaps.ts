import { storable } from "./storable.ts";
import type { GapTable, SubjectTable } from "./tables.ts";
import type { Stretch } from "./time-split.ts";

/** The source of gaps that are those of a lifeguard as a whole. */
const EVERY_SOURCE = "";
/** Most stretches that are remembered as cut off, of one source. */
const MOST_CUT_OFF = 100;
const NONE: readonly Stretch[] = Object.freeze([]);

/** Whether a source of a lifeguard fails. */
export interface SourceState {
  readonly source: string;
  /** Null: as it was before. */
  readonly fails: boolean | null;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** How all sources of a lifeguard are. */
export interface SourcesReport {
  readonly states: readonly SourceState[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whose gaps. */
type Owner = Pick<SubjectTable, "origin" | "source">;

/** The stretches in which nobody vouched for what stood: a lifeguard did not watch, or one of its sources failed. */
export class Gaps {
  /** In the order in which they began, by origin and source. */
  readonly #lists = new Map<string, GapTable[]>();
  readonly #changed = new Set<GapTable>();
  /** What was cut off of gaps, by origin and source: time that was never counted, so that none of it can be taken back. */
  readonly #cutOff = new Map<string, Stretch[]>();
  /** No gap reaches beyond this moment. */
  #reach = Number.NEGATIVE_INFINITY;

  constructor(rows: readonly GapTable[] = []) {
    for (const row of rows) this.#list(row).push(row);
    for (const list of this.#lists.values()) list.sort((a, b) => a.began - b.began);
    this.#measure();
  }

  /** Notes that a lifeguard did not watch. */
  add(origin: string, stretch: Stretch): void {
    this.#insert({ origin, source: EVERY_SOURCE, ...stretch });
  }

  /** Notes that the clock of a lifeguard was set back: what reaches beyond that was found with a clock that ran ahead. */
  cut(origin: string, now: number): void {
    for (const list of this.#of(origin))
      for (const gap of list) {
        // One that is open still lasts.
        if (gap.ended === null || gap.ended <= now) continue;
        const key = keyOf(gap);
        const rest = { began: Math.max(now, gap.began), ended: gap.ended };
        this.#cutOff.set(key, [...(this.#cutOff.get(key) ?? []), rest].slice(-MOST_CUT_OFF));
        gap.ended = Math.max(now, gap.began);
        this.#changed.add(gap);
      }
    this.#measure();
  }

  /** Notes which sources of a lifeguard fail. One that it has no more does not fail any more. */
  hear(origin: string, { states, now }: SourcesReport): void {
    const present = new Set(states.map(({ source }) => storable(source)));
    for (const list of this.#of(origin)) {
      const last = list.at(-1);
      if (last && last.source !== EVERY_SOURCE && !present.has(last.source)) this.#close(last, now);
    }
    for (const { source, fails, since } of states) {
      const owner = { origin, source: storable(source) };
      const last = this.#list(owner).at(-1);
      if (fails === false && last) this.#close(last, since);
      else if (fails && last?.ended !== null) this.#insert({ ...owner, began: since, ended: null });
    }
  }

  /** Those of a subject, as far as they reach beyond a moment. */
  of({ origin, source }: Owner, after: number): readonly Stretch[] {
    // As for nearly every event.
    if (after >= this.#reach) return NONE;
    const found: Stretch[] = [];
    for (const name of [EVERY_SOURCE, source]) {
      const list = this.#lists.get(keyOf({ origin, source: name })) ?? [];
      for (let at = list.length - 1; at >= 0; at--) {
        const gap = list[at] as GapTable;
        const ended = endOf(gap);
        if (ended <= after) break;
        found.push({ began: gap.began, ended });
      }
    }
    return found;
  }

  /** Those of a subject as they were while its time was counted that is to be taken back, as far as they reach beyond a moment. */
  asCounted(owner: Owner, after: number): readonly Stretch[] {
    const cutOff = [EVERY_SOURCE, owner.source].flatMap(
      (source) => this.#cutOff.get(keyOf({ origin: owner.origin, source })) ?? [],
    );
    return [...this.of(owner, after), ...cutOff];
  }

  /** Whether the database does not have all of them. */
  get changed(): boolean {
    return this.#changed.size > 0;
  }

  /** What the database does not have yet. From now on it is taken to have it. */
  take(): readonly GapTable[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #close(gap: GapTable, at: number): void {
    if (gap.ended !== null) return;
    gap.ended = Math.max(at, gap.began);
    this.#changed.add(gap);
    this.#measure();
  }

  #insert(gap: GapTable): void {
    const list = this.#list(gap);
    // Told again.
    if (list.some(({ began }) => began === gap.began)) return;
    const at = list.findLastIndex(({ began }) => began < gap.began);
    list.splice(at + 1, 0, gap);
    this.#changed.add(gap);
    this.#measure();
  }

  #measure(): void {
    this.#reach = Number.NEGATIVE_INFINITY;
    for (const list of this.#lists.values()) {
      const last = list.at(-1);
      if (last) this.#reach = Math.max(this.#reach, endOf(last));
    }
  }

  /** The lists of a lifeguard. */
  #of(origin: string): readonly GapTable[][] {
    return [...this.#lists]
      .filter(([key]) => key.startsWith(keyOf({ origin, source: "" })))
      .map(([, list]) => list);
  }

  #list(owner: Owner): GapTable[] {
    const key = keyOf(owner);
    let list = this.#lists.get(key);
    if (!list) {
      list = [];
      this.#lists.set(key, list);
    }
    return list;
  }
}

function endOf({ ended }: GapTable): number {
  return ended ?? Number.POSITIVE_INFINITY;
}

/** Neither part has a line break. */
function keyOf({ origin, source }: Owner): string {
  return `${origin}\n${source}`;
}
