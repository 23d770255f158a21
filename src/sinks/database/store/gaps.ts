import { storable } from "./storable.ts";
import type { GapTable, SubjectTable } from "./tables.ts";
import type { Stretch } from "./time-split.ts";

/** The source of gaps that are those of a lifeguard as a whole. */
const EVERY_SOURCE = "";
const NONE: readonly Stretch[] = Object.freeze([]);

/** Whether a source of a lifeguard fails. */
export interface SourceState {
  readonly source: string;
  readonly fails: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Whose gaps. */
type Owner = Pick<SubjectTable, "origin" | "source">;

/** The stretches in which nobody vouched for what stood: a lifeguard did not watch, or one of its sources failed. */
export class Gaps {
  /** In the order in which they began, by origin and source. */
  readonly #lists = new Map<string, GapTable[]>();
  readonly #changed = new Set<GapTable>();
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
    for (const gap of this.#list({ origin, source: EVERY_SOURCE })) {
      if (endOf(gap) <= now) continue;
      gap.ended = Math.max(now, gap.began);
      this.#changed.add(gap);
    }
    this.#measure();
  }

  /** Notes whether a source of a lifeguard fails. */
  hear(origin: string, { source, fails, since }: SourceState): void {
    const owner = { origin, source: storable(source) };
    const last = this.#list(owner).at(-1);
    const isOpen = last !== undefined && last.ended === null;
    if (fails && !isOpen) this.#insert({ ...owner, began: since, ended: null });
    else if (!fails && isOpen) {
      last.ended = Math.max(since, last.began);
      this.#changed.add(last);
      this.#measure();
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
