import { randomFillSync } from "node:crypto";
import type { Address } from "../address.ts";
import type { EchoLink, EchoListener } from "./echo-link.ts";
import { Judge } from "./judge.ts";
import type { Outbox } from "./outbox.ts";
import { Rounds } from "./rounds.ts";
import { SendQueue } from "./send-queue.ts";
import { Sender } from "./sender.ts";
import type { Tally } from "./tally.ts";
import { FREE, type TargetSpec, type TargetTable } from "./target-table.ts";
import { SLOT } from "./wheel.ts";

/** Packets of one slot that are always allowed; more when more are usual. */
const LEAST_BURST = 512;
/** Slots' worth of requests that may go out in one when the pinger catches up. */
const CATCH_UP = 4;
/** Requests worth waking for, and most slots that they are waited for. */
const COMPANY = 128;
const MOST_TOGETHER = 4;
/** Longest that the engine sleeps, in milliseconds. */
const LONGEST_SLEEP = 50;

/** What an engine works with. */
export interface EngineOptions {
  readonly table: TargetTable;
  readonly outbox: Outbox;
  readonly tally: Tally;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The number of a network interface, 0 when there is none of that name. */
  readonly interfaceNumber: (zone: string) => number;
}

/**
 * Asks every target in its rhythm and judges what comes back. Whoever runs it calls `turn` at the time that the last one named; everything
 * happens within: what came back is read, rounds end and begin, requests go out. Nothing is judged before all that the system received in
 * time was read.
 */
export class Engine {
  /** Who is to be told of what the links read. */
  readonly listener: EchoListener;
  readonly #table: TargetTable;
  readonly #now: () => number;
  readonly #queues = { 4: new SendQueue(), 6: new SendQueue() };
  readonly #links: { 4: EchoLink | null; 6: EchoLink | null } = { 4: null, 6: null };
  readonly #targets = { 4: 0, 6: 0 };
  readonly #random = new Uint32Array(2);
  readonly #rounds: Rounds;
  readonly #sender: Sender;
  #planned = Number.POSITIVE_INFINITY;
  /** Requests a millisecond, when all answer. */
  #rate = 0;
  /** The shortest interval that was ever asked for. */
  #shortest = Number.POSITIVE_INFINITY;

  constructor(options: EngineOptions) {
    const { table, tally, now } = options;
    this.#table = table;
    this.#now = now;
    const rounds = new Rounds({ ...options, queues: this.#queues });
    this.#rounds = rounds;
    this.#sender = new Sender({ table, rounds, tally });
    this.listener = new Judge({ table, rounds, tally, now });
  }

  /** Gives it its socket of a family. Targets of a family without one read unknown. */
  connect(family: 4 | 6, link: EchoLink): void {
    this.#links[family] = link;
  }

  /** Begins to ask a target, in place of the one in its row. */
  set(spec: TargetSpec, address: Address): void {
    const { index, interval, count, phase } = spec;
    this.remove(index);
    randomFillSync(this.#random);
    const table = this.#table;
    table.fill(spec, address, this.#random[0] as number, this.#random[1] as number);
    this.#queues[4].reserve(table.capacity);
    this.#queues[6].reserve(table.capacity);
    this.#rate += count / interval;
    this.#shortest = Math.min(this.#shortest, interval);
    this.#targets[address.family]++;
    this.#rounds.add(index, address.zone, this.#now() + phase * interval);
  }

  /** Ends asking a target. What it still answers counts as late. */
  remove(index: number): void {
    const table = this.#table;
    if (index >= table.capacity || table.state[index] === FREE) return;
    this.#targets[table.family[index] as 4 | 6]--;
    this.#rate -= (table.count[index] as number) / (table.interval[index] as number);
    this.#rounds.remove(index);
  }

  /** The shortest interval that was ever asked for, in milliseconds. */
  get shortest(): number {
    return this.#shortest;
  }

  /** Reads, judges, sends. @returns when to call again, at most 50 ms after */
  turn(): number {
    const now = this.#now();
    const { stalls, starts, deadlines } = this.#rounds;
    stalls.note(this.#planned, now);
    if (this.#targets[4] > 0) this.#read(this.#links[4]);
    if (this.#targets[6] > 0) this.#read(this.#links[6]);
    this.#rounds.advance(now);
    this.#flush(4);
    this.#flush(6);
    const queued = this.#queues[4].size + this.#queues[6].size > 0;
    const most = queued ? SLOT : LONGEST_SLEEP;
    // With few requests, waking is most of the cost: then those of a few slots go together.
    const together = Math.min(
      MOST_TOGETHER,
      Math.max(1, Math.floor(Math.min(COMPANY / this.#rate, this.#shortest / MOST_TOGETHER) / SLOT)),
    );
    this.#planned = Math.min(starts.next(most, together), deadlines.next(most));
    return this.#planned;
  }

  close(): void {
    this.#links[4]?.close();
    this.#links[6]?.close();
  }

  #read(link: EchoLink | null): void {
    if (link?.receive() === false) this.#rounds.stalls.noteLoss(this.#now());
  }

  #flush(family: 4 | 6): void {
    const queue = this.#queues[family];
    if (queue.size === 0) return;
    const link = this.#links[family];
    const most = Math.max(LEAST_BURST, CATCH_UP * SLOT * this.#rate);
    this.#sender.flush(family, queue, link, most, () => this.#read(link));
  }
}
