/** Lets those who wait for room in, in the order they came, each when there is room for it. */
export class Turnstile {
  readonly #waiting: { fits(): boolean; enter(): void; leave(): void }[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Calls `enter` once it fits and everybody who came before has entered: at once where that is so. `enter` must not throw.
   * @param signal ends the waiting; then `enter` is never called, and `giveUp` is
   */
  queue(fits: () => boolean, enter: () => void, giveUp: () => void, signal: AbortSignal): void {
    if (this.#waiting.length === 0 && fits()) {
      enter();
      return;
    }
    const abort = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      giveUp();
      this.advance();
    };
    const waiter = { fits, enter, leave: () => signal.removeEventListener("abort", abort) };
    this.#waiting.push(waiter);
    signal.addEventListener("abort", abort, { once: true });
  }

  /** There may be room again. */
  advance(): void {
    for (let first = this.#waiting[0]; first?.fits(); first = this.#waiting[0]) {
      this.#waiting.shift();
      first.leave();
      first.enter();
    }
  }
}
