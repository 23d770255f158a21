/** What found no room, waits and is not dropped: of each key only the last matters. */
export class Deferred {
  readonly #most: number;
  readonly #again = new Map<string, () => void>();

  /** @param most how many may wait */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#again.size;
  }

  /** Whether something waits under a key. */
  has(key: string): boolean {
    return this.#again.has(key);
  }

  /** Lets one wait, behind all others. @returns false where too many wait already: it does not */
  add(key: string, again: () => void): boolean {
    this.#again.delete(key);
    if (this.#again.size >= this.#most) return false;
    this.#again.set(key, again);
    return true;
  }

  /** Forgets what waits under a key: something else has come in its place. */
  forget(key: string): void {
    this.#again.delete(key);
  }

  /** Tries those that wait, oldest first, as long as there is room. Each forgets itself first, and may come to wait again. */
  settle(ample: () => boolean): void {
    for (const [key, again] of this.#again) {
      if (!ample()) return;
      this.#again.delete(key);
      again();
      // It was too large for what room there is, and stands at the end again.
      if (this.#again.has(key)) return;
    }
  }
}
