/**
 * The order of titles as people expect it, `disk 2` before `disk 10`. Comparing texts so takes long, so the place of each title is kept, and
 * all are sorted anew only when there is a new one.
 */
export class TitleOrder {
  readonly #places = new Map<string, number>();
  /** Made when the first page is: the tables behind it take 2 MB. */
  #collator: Intl.Collator | undefined;

  /** Learns titles. Where it knows many more than there are, it forgets the others. */
  learn(titles: readonly string[]): void {
    const excess = this.#places.size > 2 * titles.length + 1000;
    if (!excess && titles.every((title) => this.#places.has(title))) return;
    const all = excess ? titles : [...this.#places.keys(), ...titles];
    this.#collator ??= new Intl.Collator("en", { numeric: true });
    const sorted = [...new Set(all)].sort(this.#collator.compare);
    this.#places.clear();
    for (const [place, title] of sorted.entries()) this.#places.set(title, place);
  }

  /** Compares two titles that were learnt, for sorting. */
  readonly compare = (a: string, b: string): number =>
    (this.#places.get(a) ?? 0) - (this.#places.get(b) ?? 0);
}
