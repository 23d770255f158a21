import type { EchoError, EchoListener } from "./echo-link.ts";
import { ATTEMPT, INDEX, NONCE, ROUND } from "./echo-packet.ts";
import type { Rounds } from "./rounds.ts";
import type { Tally } from "./tally.ts";
import { FREE, type TargetTable, WAITING } from "./target-table.ts";

/** What a judge works with. */
export interface JudgeOptions {
  readonly table: TargetTable;
  readonly rounds: Rounds;
  readonly tally: Tally;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Tells answers in time from late, duplicate, foreign and forged ones, and whom an ICMP error is about. */
export class Judge implements EchoListener {
  readonly #options: JudgeOptions;
  readonly #table: TargetTable;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#table = options.table;
  }

  reply(words: Uint32Array, at: number, source: Uint32Array, from: number, time: number): void {
    const table = this.#table;
    const { tally } = this.#options;
    const target = words[at + INDEX] as number;
    const nonce = words[at + NONCE] as number;
    if (target >= table.capacity || table.nonce[target] !== nonce) {
      const gone = target < table.capacity && table.retired[target] === nonce;
      tally.count(gone ? "late" : "forged");
      return;
    }
    if (!this.#isFrom(target, source, from)) {
      tally.count("forged");
      return;
    }
    const attempt = words[at + ATTEMPT] as number;
    const age = ((table.round[target] as number) - (words[at + ROUND] as number)) >>> 0;
    if (age > 0) this.#oldReply(target, age);
    else if (attempt >= (table.sent[target] as number)) tally.count("forged");
    else if (((table.answered[target] as number) >>> attempt) & 1) tally.count("duplicate");
    else if (attempt === table.attempt[target] && table.state[target] === WAITING)
      this.#answer(target, attempt, time);
    else tally.count("late");
  }

  foreign(): void {
    this.#options.tally.count("foreign");
  }

  error({ text, request, destination, sequence }: EchoError): void {
    const table = this.#table;
    const { reasons } = this.#options.rounds;
    const now = this.#options.now();
    if (request) {
      const { index, nonce } = request;
      if (index < table.capacity && table.state[index] !== FREE && table.nonce[index] === nonce)
        reasons.note(index, text, now);
      return;
    }
    // Little was quoted: where it went and half of the round's number must do.
    for (let index = 0; index < table.capacity; index++)
      if (
        table.state[index] !== FREE &&
        this.#isFrom(index, destination, 0) &&
        (((table.round[index] as number) - sequence) & 0xffff) < 32
      )
        reasons.note(index, text, now);
  }

  #isFrom(target: number, source: Uint32Array, from: number): boolean {
    const { address, family, scope } = this.#table;
    const row = 4 * target;
    if (address[row] !== source[from]) return false;
    if (family[target] === 4) return true;
    return (
      address[row + 1] === source[from + 1] &&
      address[row + 2] === source[from + 2] &&
      address[row + 3] === source[from + 3] &&
      (scope[target] === 0 || scope[target] === source[from + 4])
    );
  }

  /** A reply to a round before this one. */
  #oldReply(target: number, age: number): void {
    const table = this.#table;
    const { tally } = this.#options;
    const rounds = ((table.round[target] as number) - (table.firstRound[target] as number)) >>> 0;
    if (age >= rounds) tally.count("forged");
    else if (age <= 32 && ((table.history[target] as number) >>> (age - 1)) & 1) tally.count("duplicate");
    else tally.count("late");
  }

  #answer(target: number, attempt: number, time: number): void {
    const table = this.#table;
    const { tally, rounds } = this.#options;
    const now = this.#options.now();
    // Somebody may have set the clock that the system stamps with: no reply came before its request, none after now.
    const elapsed = Math.max(0, Math.min(time, now) - (table.sentAt[target] as number));
    if (elapsed > (table.timeout[target] as number)) {
      tally.count("late");
      return;
    }
    tally.count("received");
    rounds.answered(target, attempt, elapsed, now);
  }
}
