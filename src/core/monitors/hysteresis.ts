import { isBad, type Status } from "../../plugin/index.ts";

/** What the board says of a subject when its monitor begins. */
export interface Standing {
  readonly status: Status;
  /** The episode under way, if any: it tells what stood before an `unknown`. */
  readonly episode?: string | null | undefined;
}

/** How many looks in a row it takes to cross from ok to bad and back. */
export interface HysteresisOptions {
  readonly failAfter: number;
  readonly recoverAfter: number;
  /** What stands from before, so that a restart neither forgets a failure nor begins a second one. */
  readonly standing?: Standing | undefined;
}

/**
 * Decides which status of those observed is let through.
 *
 * - `unknown` shows at once. It is neither a failure nor a success, and leaves the counts alone.
 * - Critical and warning are one class, ok the other. Within the class that stands, a status shows at once.
 * - Crossing from ok to bad takes `failAfter` bad ones in a row, from bad to ok `recoverAfter` good ones; until then what stands is
 *   shown: the last definite status, or `unknown` where there was none.
 * - A first ok shows at once; a first bad one has to be confirmed like any other.
 */
export class Hysteresis {
  readonly #failAfter: number;
  readonly #recoverAfter: number;
  #shown: Status | undefined;
  /** Whether the class that stands is bad; undefined while nothing definite was ever seen. */
  #bad: boolean | undefined;
  /** The last definite status let through; `unknown` where it is not known which. */
  #definite: Status = "unknown";
  #streak = 0;

  constructor({ failAfter, recoverAfter, standing }: HysteresisOptions) {
    this.#failAfter = failAfter;
    this.#recoverAfter = recoverAfter;
    if (!standing) return;
    this.#shown = standing.status;
    if (standing.status !== "unknown") {
      this.#bad = isBad(standing.status);
      this.#definite = standing.status;
    } else if (standing.episode) this.#bad = true;
  }

  /** The status let through last; undefined before the first observation of a subject that nobody knew. */
  get shown(): Status | undefined {
    return this.#shown;
  }

  /** How many observations in a row wait to be confirmed. */
  get streak(): number {
    return this.#streak;
  }

  /** How many it takes in all to leave the class that stands. */
  get needed(): number {
    return this.#bad ? this.#recoverAfter : this.#failAfter;
  }

  /** Takes one observed status. Returns the status to show. */
  observe(status: Status): Status {
    this.#shown = this.#pass(status);
    return this.#shown;
  }

  #pass(status: Status): Status {
    if (status === "unknown") return status;
    const bad = isBad(status);
    if (this.#bad === undefined && !bad) this.#bad = false;
    if (bad === this.#bad) return this.#settle(bad, status);
    this.#streak += 1;
    return this.#streak >= this.needed ? this.#settle(bad, status) : this.#definite;
  }

  #settle(bad: boolean, status: Status): Status {
    this.#bad = bad;
    this.#definite = status;
    this.#streak = 0;
    return status;
  }
}
