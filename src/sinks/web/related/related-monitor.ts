import { createHash } from "node:crypto";
import { type Clock, STATUSES, type Status, worstStatus } from "../../../plugin/index.ts";
import { within } from "../past/within.ts";
import type { Gate } from "./gate.ts";
import type { MonitorReader } from "./monitor-reader.ts";
import type { Reading } from "./service.ts";
import { type RelatedSnapshot, unheard } from "./snapshot.ts";
import { nextLook, type Timing } from "./timing.ts";

/** How many looks in vain make a monitor dead that was heard before. */
const DEAD_AFTER = 2;
/** A whole look may take so many times as long as one question. */
const ROUND = 3;

/** What a related monitor is watched with. */
export interface RelatedMonitorParts {
  readonly key: string;
  readonly href: string;
  /** What to call it, whatever it calls itself. */
  readonly title: string | undefined;
  readonly link: string;
  readonly reader: Pick<MonitorReader, "read">;
  readonly timing: Timing;
  /** Bounds how many are looked at together. */
  readonly gate: Gate;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after a look, with what was known before it, and whether anything but the time of it is different. */
  readonly looked: (before: RelatedSnapshot, different: boolean) => void;
}

/** One related monitor, looked at in the background until the signal aborts. */
export class RelatedMonitor {
  readonly #parts: RelatedMonitorParts;
  #snapshot: RelatedSnapshot;
  #failures = 0;
  /** RFC 3339: of the first of these failures. */
  #failingSince = "";
  /** A digest of what was told last, to see whether the next is different. */
  #told = "";

  constructor(parts: RelatedMonitorParts) {
    this.#parts = parts;
    const { key, href, link, title } = parts;
    this.#snapshot = unheard({ key, href, link, title: title ?? new URL(link).host });
  }

  get snapshot(): RelatedSnapshot {
    return this.#snapshot;
  }

  /** Looks and waits, by turns. Resolves when the signal aborts; never rejects. */
  async run(): Promise<void> {
    const { gate, clock, timing, signal } = this.#parts;
    while (!signal.aborted) {
      await gate.pass(() => this.#look(), signal).catch(() => {});
      await clock.sleep(nextLook(this.#failures, timing), signal).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { reader, clock, timing, signal } = this.#parts;
    const began = new Date(clock.now()).toISOString();
    try {
      const reading = await within(clock, timing.timeout * ROUND, signal, (round) =>
        reader.read((task) => within(clock, timing.timeout, round, task), round),
      );
      this.#heard(reading);
    } catch (error) {
      if (!signal.aborted) this.#missed(error as Error, began);
    }
  }

  #heard({ title, lifeguard, services, counts }: Reading): void {
    const { clock, link, title: name } = this.#parts;
    this.#failures = 0;
    this.#show({
      ...this.#snapshot,
      title: name ?? title ?? new URL(link).host,
      state: "heard",
      status: services.length === 0 ? "unknown" : worst(counts),
      error: null,
      deadSince: null,
      heard: new Date(clock.now()).toISOString(),
      lifeguard,
      services,
      counts,
    });
  }

  #missed({ message }: Error, began: string): void {
    if (this.#failures++ === 0) this.#failingSince = began;
    if (this.#snapshot.state === "heard" && this.#failures < DEAD_AFTER) return;
    const deadSince = this.#failingSince;
    this.#show({ ...this.#snapshot, state: "dead", status: "critical", error: message, deadSince });
  }

  #show(snapshot: RelatedSnapshot): void {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    const text = JSON.stringify({ ...snapshot, heard: null });
    const told = createHash("sha256").update(text).digest("base64");
    const different = told !== this.#told;
    this.#told = told;
    this.#parts.looked(before, different);
  }
}

function worst(counts: Readonly<Record<Status, number>>): Status {
  return worstStatus(STATUSES.filter((status) => counts[status] > 0));
}
