import type { PingRound, Unmeasured } from "../port.ts";
import type { TargetTable } from "./target-table.ts";

/** Numbers of a round in front of its reply times. */
const HEAD = 6;

const NONE: readonly number[] = [];

const UNMEASURED: ReadonlyArray<Unmeasured | null> = [null, "privilege", "backend", "stall", "own-network"];

/** Many rounds as one block of numbers, which crosses threads without being copied. */
export interface RoundBlock {
  readonly rounds: Float64Array<ArrayBuffer>;
  readonly reasons: readonly string[];
}

/** Collects rounds in the thread until they are taken. */
export class Outbox {
  #rounds = new Float64Array(1024);
  #length = 0;
  #reasons: string[] = [];
  #reasonAt = new Map<string, number>();
  #urgent = false;

  /** Whether there is a round without an answer among what was collected. */
  get urgent(): boolean {
    return this.#urgent;
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  /** Adds the round that a target just ended. `sent` is how many of its requests count. */
  add(
    table: TargetTable,
    target: number,
    sent: number,
    unmeasured: Unmeasured | null,
    reason: string | null,
  ): void {
    const received = table.received[target] as number;
    const end = this.#length + HEAD + received;
    if (end > this.#rounds.length) {
      const larger = new Float64Array(2 * end);
      larger.set(this.#rounds);
      this.#rounds = larger;
    }
    const rounds = this.#rounds;
    let at = this.#length;
    rounds[at++] = target;
    rounds[at++] = table.generation[target] as number;
    rounds[at++] = sent;
    rounds[at++] = received;
    rounds[at++] = UNMEASURED.indexOf(unmeasured);
    rounds[at++] = reason === null ? -1 : this.#reason(reason);
    const times = target * table.stride;
    for (let reply = 0; reply < received; reply++) rounds[at++] = table.times[times + reply] as number;
    this.#length = end;
    if (received === 0) this.#urgent = true;
  }

  /** Hands over what was collected, and begins anew. */
  take(): RoundBlock {
    const block = { rounds: this.#rounds.slice(0, this.#length), reasons: this.#reasons };
    this.#length = 0;
    this.#urgent = false;
    if (this.#reasons.length > 0) {
      this.#reasons = [];
      this.#reasonAt = new Map();
    }
    return block;
  }

  #reason(text: string): number {
    let at = this.#reasonAt.get(text);
    if (at === undefined) {
      at = this.#reasons.push(text) - 1;
      this.#reasonAt.set(text, at);
    }
    return at;
  }
}

/**
 * Reads a block on the other side, round by round: ten thousand a second that were collected first would outlive their time in the garbage
 * collector's nursery.
 * @param idOf the id of the target in a row, undefined when it is gone or another one by now: its rounds are left out
 * @param onRound told of each of the others, in order
 */
export function readRounds(
  block: RoundBlock,
  idOf: (index: number, generation: number) => string | undefined,
  onRound: (round: PingRound) => void,
): void {
  const { rounds, reasons } = block;
  for (let at = 0; at < rounds.length; ) {
    const received = rounds[at + 3] as number;
    const id = idOf(rounds[at] as number, rounds[at + 1] as number);
    if (id !== undefined) {
      const reason = rounds[at + 5] as number;
      // One by one: a view of a typed array costs more than the one time that most rounds have. The list is written down with that one, as
      // a list that grows takes room for sixteen.
      const times = received === 0 ? NONE : [rounds[at + HEAD] as number];
      for (let reply = 1; reply < received; reply++)
        (times as number[]).push(rounds[at + HEAD + reply] as number);
      onRound({
        id,
        sent: rounds[at + 2] as number,
        received,
        times,
        unmeasured: UNMEASURED[rounds[at + 4] as number] as Unmeasured | null,
        reason: reason < 0 ? null : (reasons[reason] as string),
      });
    }
    at += HEAD + received;
  }
}
