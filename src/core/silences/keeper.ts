import { randomBytes } from "node:crypto";
import { LifeguardError, type Silence } from "../../plugin/index.ts";
import type { MaintenanceWindow } from "../config/model.ts";
import { began, ended } from "./events.ts";
import type { KeeperParts } from "./keeper-parts.ts";
import { Maintenance } from "./maintenance.ts";
import { recorded } from "./records.ts";
import { checkRequest, type SilenceRequest } from "./request.ts";

/** Silences that hold at once because somebody asked for them. */
const MOST = 1000;
const MINUTE = 60_000;

/**
 * Keeps the time of silences and maintenance windows: begins and ends them, and tells.
 *
 * Each beginning and end is one event, whose checkpoint keeps or forgets the silence in the same transaction. So after a crash it is known
 * which hold and which were told; what ran out meanwhile ends at the next start.
 */
export class SilenceKeeper {
  readonly #parts: KeeperParts;
  readonly #maintenance: Maintenance;
  /** Those that somebody asked for, as the journal has them. */
  readonly #asked: Map<string, Silence>;
  /** Requests on their way to the journal. */
  #underway = 0;
  #disarm: () => void = () => {};
  #closed = false;

  /** Takes up what the journal holds. Time begins to run with the first `configure`. */
  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#maintenance = new Maintenance(parts);
    this.#asked = recorded(parts.journal, "silence");
    const now = parts.clock.now();
    for (const silence of this.#asked.values())
      if (Date.parse(silence.until) > now) parts.active.begin(silence);
  }

  /**
   * Silences some subjects from now on. Resolves when that is on disk, and holds.
   * @throws LifeguardError `SILENCE_INVALID` for a request that cannot be, `SILENCES_FULL` when there are as many as may be
   */
  async begin(request: SilenceRequest): Promise<Silence> {
    const { subjects, labels, for: length, why, by } = checkRequest(request);
    if (this.#asked.size + this.#underway >= MOST)
      throw new LifeguardError(
        "SILENCES_FULL",
        `${MOST} silences hold, as many as may at once: end some, or silence more subjects with one glob`,
      );
    const now = this.#parts.clock.now();
    const silence: Silence = {
      id: randomBytes(4).toString("hex"),
      kind: "silence",
      subjects,
      labels,
      why,
      by,
      since: new Date(now).toISOString(),
      until: new Date(now + length).toISOString(),
    };
    this.#underway++;
    try {
      await this.#parts.intake.record([began(silence)]);
    } finally {
      this.#underway--;
    }
    this.#asked.set(silence.id, silence);
    this.#parts.active.begin(silence);
    this.#look();
    return silence;
  }

  /**
   * Ends a silence before its time. Resolves when that is on disk.
   * @param by who asks; empty where nobody is known
   * @throws LifeguardError `SILENCE_UNKNOWN` when none with this id holds, `SILENCE_MAINTENANCE` for a window of monitors.yaml
   */
  async end(id: string, by: string): Promise<Silence> {
    const silence = this.#asked.get(id);
    if (!silence) throw this.#notEndable(id);
    const { active, intake, clock } = this.#parts;
    // Out of the books first, so that its time does not end it a second time.
    this.#asked.delete(id);
    try {
      await intake.record(ended(silence, clock.now(), { reason: "asked", by }));
    } catch (error) {
      this.#asked.set(id, silence);
      throw error;
    }
    active.end(id);
    return silence;
  }

  /** Takes over the maintenance windows of a configuration: those in force hold at once. */
  configure(windows: readonly MaintenanceWindow[]): void {
    this.#maintenance.configure(windows);
    this.#look();
  }

  /** Nothing begins or ends by itself any more. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** Begins and ends what is due, and comes back when the next is. */
  #look(): void {
    this.#disarm();
    if (this.#closed) return;
    const { active, clock, emit } = this.#parts;
    const now = clock.now();
    this.#maintenance.look(now);
    for (const silence of [...this.#asked.values()]) {
      if (Date.parse(silence.until) > now) continue;
      this.#asked.delete(silence.id);
      active.end(silence.id);
      for (const draft of ended(silence, now, { reason: "time" })) emit(draft);
    }
    if (this.#asked.size + this.#maintenance.size > 0)
      this.#disarm = clock.setTimeout(() => this.#look(), this.#wait(now));
  }

  /** Milliseconds to the next due, but never beyond the full minute: a schedule may begin then, and the clock may have been set. */
  #wait(now: number): number {
    let next = MINUTE - (now % MINUTE);
    for (const { until } of this.#asked.values()) next = Math.min(next, Date.parse(until) - now);
    for (const due of this.#maintenance.dues()) if (due > now) next = Math.min(next, due - now);
    return next;
  }

  #notEndable(id: string): LifeguardError {
    const held = this.#maintenance.inForce(id);
    if (held) {
      const { file, line } = held.window.place;
      return new LifeguardError(
        "SILENCE_MAINTENANCE",
        `${id} is a maintenance window, defined at ${file}:${line}: it ends at ${held.until}, or as soon as you change its time or take it out there; lifeguard notices that by itself`,
      );
    }
    return new LifeguardError("SILENCE_UNKNOWN", `no silence "${id}" holds: lifeguard silence lists them`);
  }
}
