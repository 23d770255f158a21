import type { EventDraft, SourceContext } from "../../plugin/index.ts";

/** Most events that are handed over at once. */
const BATCH = 500;

/** Hands events to the journal as fast as that takes them. Of each VIM only the latest of a type waits, so what waits is bounded. */
export class Backlog {
  readonly #ctx: Pick<SourceContext, "accept" | "log" | "signal">;
  readonly #waiting = new Map<string, EventDraft>();
  #sending = false;

  constructor(ctx: Pick<SourceContext, "accept" | "log" | "signal">) {
    this.#ctx = ctx;
  }

  /** Takes an event; never waits, never throws. */
  add(draft: EventDraft): void {
    this.#waiting.set(`${draft.type} ${draft.subject}`, draft);
    if (this.#sending) return;
    this.#sending = true;
    // What comes in the same turn goes together.
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#ctx.signal.aborted) {
      const portion = [...this.#waiting].slice(0, BATCH);
      for (const [key] of portion) this.#waiting.delete(key);
      const batch = portion.map(([, draft]) => draft);
      try {
        await this.#ctx.accept(batch);
      } catch (error) {
        if (!this.#ctx.signal.aborted) this.#ctx.log.warn(`events were refused: ${(error as Error).message}`);
      }
    }
    this.#sending = false;
  }
}
