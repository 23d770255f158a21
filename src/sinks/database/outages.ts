import type { ComponentState, Health } from "../../plugin/index.ts";
import type { SourceState } from "./store/gaps.ts";

const SOURCE = "source/";

/** One that is being started, or stopped, is as it was before. */
const FAILS: Readonly<Record<ComponentState, boolean | null>> = {
  starting: null,
  stopping: null,
  ok: false,
  stopped: false,
  recoverable: true,
  permanent: true,
};

/** Finds out which sources of this lifeguard fail, and tells it where that changed. */
export class Outages {
  readonly #health: Pick<Health, "components">;
  /** What was told last, as a text. A start is told in any case: a source that failed before may be gone since. */
  #told = "";

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

  #sources(): readonly SourceState[] {
    return this.#health
      .components()
      .filter(({ kind }) => kind === "source")
      .map(({ id, state, since }) => ({
        source: id.slice(SOURCE.length),
        fails: FAILS[state],
        since: Date.parse(since),
      }));
  }
}
