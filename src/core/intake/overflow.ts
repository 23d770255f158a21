import type { Clock, EventDraft, Logger } from "../../plugin/index.ts";

/** What telling of an overflow needs. */
export interface OverflowParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Emits an event of this lifeguard itself. */
  tell(draft: EventDraft): void;
  /** Whether there is room again. */
  ample(): boolean;
}

/** Overflows that follow each other faster than this are told together. */
const INTERVAL_MS = 1000;

/** Counts what found no room: logged when it begins, told by one event with the sum when there is room again. */
export class Overflow {
  readonly #parts: OverflowParts;
  readonly #dropped = new Map<string, number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #waiting = false;
  #since = "";

  constructor(parts: OverflowParts) {
    this.#parts = parts;
  }

  /** One draft of a source found no room. */
  drop(source: string): void {
    if (this.#dropped.size === 0) {
      this.#since = new Date(this.#parts.clock.now()).toISOString();
      this.#parts.log.warn(`intake is full: events of ${source} are dropped until the journal has caught up`);
    }
    this.#dropped.set(source, (this.#dropped.get(source) ?? 0) + 1);
  }

  /** There may be room again. */
  settle(): void {
    if (this.#dropped.size === 0 || this.#waiting || !this.#parts.ample()) return;
    const wait = this.#toldAt + INTERVAL_MS - this.#parts.clock.monotonic();
    if (wait <= 0) {
      this.#tell();
      return;
    }
    this.#waiting = true;
    this.#parts.clock.setTimeout(() => {
      this.#waiting = false;
      this.settle();
    }, wait);
  }

  #tell(): void {
    const sources = Object.fromEntries(this.#dropped);
    const count = [...this.#dropped.values()].reduce((sum, each) => sum + each, 0);
    this.#dropped.clear();
    this.#toldAt = this.#parts.clock.monotonic();
    const whose = Object.entries(sources).map(([name, each]) => `${name} (${each})`);
    this.#parts.tell({
      type: "lifeguard.intake.overflow",
      subject: "lifeguard/intake",
      message: `dropped ${count} events for lack of room since ${this.#since}: ${whose.join(", ")}`,
      data: { count, sources, since: this.#since },
    });
  }
}
