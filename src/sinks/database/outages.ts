import type { Health } from "../../plugin/index.ts";
import type { SourceState } from "./store/gaps.ts";

const SOURCE = "source/";

/** Finds out which sources of this lifeguard fail, and tells it where that changed. */
export class Outages {
  readonly #health: Pick<Health, "components">;
  /** What was told last, as a text. */
  #told = "[]";

  constructor(health: Pick<Health, "components">) {
    this.#health = health;
  }

  /** @param tell rejects where it could not be told; then it is told again */
  async report(tell: (sources: readonly SourceState[]) => Promise<void>): Promise<void> {
    const sources = this.#sources();
    const text = JSON.stringify(sources);
    if (text === this.#told) return;
    await tell(sources);
    this.#told = text;
  }

  /** One that is being started, or stopped, is as it was before. */
  #sources(): readonly SourceState[] {
    return this.#health
      .components()
      .filter(({ kind, state }) => kind === "source" && state !== "starting" && state !== "stopping")
      .map(({ id, state, since }) => ({
        source: id.slice(SOURCE.length),
        fails: state === "recoverable" || state === "permanent",
        since: Date.parse(since),
      }));
  }
}
