import type { Clock, EventDraft, Logger } from "../../plugin/index.ts";

/** What telling of refusals needs. */
export interface RefusalsParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Emits an event of this lifeguard itself. */
  tell(draft: EventDraft): void;
}

/** How often the same reason of the same source is told. */
const INTERVAL_MS = 60_000;

/** Tells what was refused: at most once a minute for each source and reason, with how many there were since. */
export class Refusals {
  readonly #parts: RefusalsParts;
  /** By source and reason; reasons are few, whatever is emitted. */
  readonly #known = new Map<string, { count: number; toldAt: number }>();

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  /**
   * One draft was refused.
   * @param reason one of few: the field that was wrong, or the bound that was reached
   * @param message names the source, the type and the field
   */
  refuse(source: string, reason: string, message: string): void {
    const key = `${source}\n${reason}`;
    const known = this.#known.get(key) ?? { count: 0, toldAt: Number.NEGATIVE_INFINITY };
    this.#known.set(key, known);
    known.count++;
    const now = this.#parts.clock.monotonic();
    if (now - known.toldAt < INTERVAL_MS) return;
    const { count } = known;
    known.count = 0;
    known.toldAt = now;
    const text = count === 1 ? `event refused: ${message}` : `${count} events refused, such as: ${message}`;
    this.#parts.log.warn(text);
    this.#parts.tell({
      type: "lifeguard.event.refused",
      subject: `source/${source}`,
      message: text,
      data: { source, reason, count },
    });
  }
}
