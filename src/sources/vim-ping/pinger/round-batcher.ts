import type { PingerOptions, PingRound } from "./port.ts";

/** Milliseconds between two deliveries. */
const WINDOW = 50;

/** Collects the rounds that child processes found, and tells of many at a time. */
export class RoundBatcher {
  readonly #onRounds: PingerOptions["onRounds"];
  #rounds: PingRound[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(onRounds: PingerOptions["onRounds"]) {
    this.#onRounds = onRounds;
  }

  add(round: PingRound): void {
    this.#rounds.push(round);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const rounds = this.#rounds;
      this.#rounds = [];
      this.#onRounds(rounds);
    }, WINDOW);
  }

  /** Forgets what was not told yet, and tells nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rounds = [];
  }
}
