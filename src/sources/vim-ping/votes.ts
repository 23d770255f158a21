/** What one round of one address means for the whole VIM; null for nothing new. */
export type Verdict = "answer" | "miss" | "unmeasured" | null;

interface Vote {
  /** Rounds in a row without an answer. */
  misses: number;
  /** Whether the last round said nothing. */
  unmeasured: boolean;
}

/**
 * Makes one verdict of the rounds of a VIM's addresses, which each have a rhythm of their own. One that answers is enough; a round of the
 * VIM is missed when every address that can be measured has missed one more; one that cannot be measured (no IPv6 here, say) counts only
 * where none can.
 */
export class Votes {
  readonly #votes = new Map<string, Vote>();
  /** Missed rounds in a row that were told. */
  #level = 0;

  /** From now on these are the addresses; what is known of those that stay is kept. */
  elect(addresses: Iterable<string>): void {
    const wanted = new Set(addresses);
    for (const address of this.#votes.keys()) if (!wanted.has(address)) this.#votes.delete(address);
    for (const address of wanted)
      if (!this.#votes.has(address)) this.#votes.set(address, { misses: 0, unmeasured: false });
    this.#level = Math.min(this.#level, this.#misses());
  }

  /** Takes the outcome of one address's round. Returns what it means for the VIM. */
  take(address: string, outcome: "answer" | "miss" | "unmeasured"): Verdict {
    const vote = this.#votes.get(address);
    if (!vote) return null;
    vote.unmeasured = outcome === "unmeasured";
    if (outcome === "answer") {
      vote.misses = 0;
      this.#level = 0;
      return "answer";
    }
    if (outcome === "unmeasured") {
      for (const { unmeasured } of this.#votes.values()) if (!unmeasured) return null;
      return "unmeasured";
    }
    vote.misses += 1;
    const misses = this.#misses();
    if (misses <= this.#level) return null;
    this.#level = misses;
    return "miss";
  }

  #misses(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { misses, unmeasured } of this.#votes.values())
      if (!unmeasured && misses < least) least = misses;
    return Number.isFinite(least) ? least : 0;
  }
}
