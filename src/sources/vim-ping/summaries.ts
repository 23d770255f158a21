import type { EventDraft, SourceContext } from "../../plugin/index.ts";

/** Most summaries that are handed over at once. */
const BATCH = 500;

/** Hands summaries to the journal as fast as that takes them. Of each VIM only the latest waits, so what waits is bounded. */
export class Summaries {
  readonly #ctx: Pick<SourceContext, "accept" | "log" | "signal">;
  readonly #waiting = new Map<string, EventDraft>();
  #sending = false;

  constructor(ctx: Pick<SourceContext, "accept" | "log" | "signal">) {
    this.#ctx = ctx;
  }

  /** Takes a summary; never waits, never throws. */
  add(draft: EventDraft): void {
    this.#waiting.set(draft.subject, draft);
    if (this.#sending) return;
    this.#sending = true;
    // What comes in the same turn goes together.
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#ctx.signal.aborted) {
      const batch = [...this.#waiting.values()].slice(0, BATCH);
      for (const { subject } of batch) this.#waiting.delete(subject);
      try {
        await this.#ctx.accept(batch);
      } catch (error) {
        if (!this.#ctx.signal.aborted)
          this.#ctx.log.warn(`summaries were refused: ${(error as Error).message}`);
      }
    }
    this.#sending = false;
  }
}
