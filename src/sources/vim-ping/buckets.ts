/** Counts by number of bucket. Takes the memory of the span that was counted, not of all buckets there are: most VIMs answer in much the same time. */
export class Buckets {
  #counts: number[] = [];
  /** Number of the bucket that stands first. */
  #first = 0;

  /** Counts one. @param bucket a whole number from 0 on */
  count(bucket: number): void {
    if (this.#counts.length === 0) this.#first = bucket;
    for (; bucket < this.#first; this.#first--) this.#counts.unshift(0);
    const at = bucket - this.#first;
    while (this.#counts.length <= at) this.#counts.push(0);
    this.#counts[at] = (this.#counts[at] as number) + 1;
  }

  /** The bucket that holds the `rank`-th smallest of all that was counted, `rank` from 1 on; undefined where there are fewer. */
  at(rank: number): number | undefined {
    let left = rank;
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return this.#first + index;
    }
    return undefined;
  }

  clear(): void {
    this.#counts = [];
  }
}
