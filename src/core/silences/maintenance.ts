import type { Silence } from "../../plugin/index.ts";
import type { MaintenanceWindow } from "../config/model.ts";
import { began, type Ending, ended } from "./events.ts";
import type { KeeperParts } from "./keeper-parts.ts";
import { recorded, writeOf } from "./records.ts";
import { type WindowTimes, windowTimes } from "./windows.ts";

interface Window {
  readonly window: MaintenanceWindow;
  readonly times: WindowTimes;
}

/** Begins and ends the maintenance windows of monitors.yaml, and tells. When to look is for others to say. */
export class Maintenance {
  readonly #parts: KeeperParts;
  #windows: ReadonlyMap<string, Window> = new Map();
  /** Those whose beginning was told and whose end was not, also before a restart. */
  readonly #told: Map<string, Silence>;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#told = recorded(parts.journal, "maintenance");
  }

  /** How many windows there are. */
  get size(): number {
    return this.#windows.size;
  }

  /** The window with this id, and until when it holds; undefined where none is in force. */
  inForce(id: string): { readonly window: MaintenanceWindow; readonly until: string } | undefined {
    const told = this.#told.get(id);
    const known = this.#windows.get(id);
    return told && known && { window: known.window, until: told.until };
  }

  /** Takes over the windows of a configuration; `look` begins and ends them. */
  configure(windows: readonly MaintenanceWindow[]): void {
    const known = this.#windows;
    // A schedule that has begun goes on, though the window may stand in another line now.
    const timed = (window: MaintenanceWindow) => ({
      window,
      times: known.get(window.id)?.times ?? windowTimes(window),
    });
    this.#windows = new Map(windows.map((window) => [window.id, timed(window)]));
  }

  /** Begins and ends what is due. @param now milliseconds since the epoch */
  look(now: number): void {
    // A window that replaces another begins before that one ends: nobody is to be told in between.
    for (const { window, times } of this.#windows.values()) this.#begin(window, times, now);
    for (const silence of [...this.#told.values()]) {
      const window = this.#windows.get(silence.id);
      if (window?.times.at(now)) continue;
      const past = Date.parse(silence.until) <= now;
      this.#parts.active.end(silence.id);
      this.#tellEnd(silence, now, { reason: window || past ? "time" : "configuration" });
    }
  }

  /** Times at which a window is known to begin or end, milliseconds since the epoch. Schedules begin on any full minute. */
  dues(): number[] {
    const begins = [...this.#windows.values()].flatMap(({ window: { when } }) =>
      "from" in when ? [when.from] : [],
    );
    return [...begins, ...[...this.#told.values()].map(({ until }) => Date.parse(until))];
  }

  #begin({ id, subjects, labels, why }: MaintenanceWindow, times: WindowTimes, now: number): void {
    const span = times.at(now);
    if (!span) return;
    const { active, journal, emit } = this.#parts;
    const told = this.#told.get(id);
    const goesOn = told !== undefined && Date.parse(told.until) >= span.since;
    const until = new Date(span.until).toISOString();
    if (goesOn && told.until === until && active.active().some((held) => held.id === id)) return;
    const since = goesOn ? told.since : new Date(span.since).toISOString();
    const silence: Silence = { id, kind: "maintenance", subjects, labels, why, by: "", since, until };
    // It ended, and began anew, while nobody looked.
    if (told && !goesOn) this.#tellEnd(told, now, { reason: "time" });
    active.begin(silence);
    this.#told.set(id, silence);
    if (!goesOn) emit(began(silence));
    // Only the end has moved, which is no news; a journal that closes meanwhile leaves the old one, and the next start finds out.
    else if (told.until !== until) journal.append({ state: [writeOf(silence)] }).catch(() => {});
  }

  #tellEnd(silence: Silence, now: number, ending: Ending): void {
    this.#told.delete(silence.id);
    for (const draft of ended(silence, now, ending)) this.#parts.emit(draft);
  }
}
