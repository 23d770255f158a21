import { randomFillSync } from "node:crypto";
import { constants } from "node:os";
import type { Address } from "../address.ts";
import type { Unmeasured } from "../port.ts";
import type { EchoError, EchoLink, EchoListener } from "./echo-link.ts";
import { ATTEMPT, INDEX, NONCE, ROUND } from "./echo-packet.ts";
import type { Outbox } from "./outbox.ts";
import { Reasons } from "./reasons.ts";
import { sendFailure } from "./send-failure.ts";
import { SendQueue } from "./send-queue.ts";
import { Stalls } from "./stalls.ts";
import type { Tally } from "./tally.ts";
import { FREE, IDLE, QUEUED, type TargetSpec, type TargetTable, WAITING } from "./target-table.ts";
import { SLOT, Wheel } from "./wheel.ts";

/** Packets that go out in one call: few enough that their one send time is true for each of them. */
const SEND_BATCH = 8;
/** Packets after which one looks at what came back before more go out. */
const SENDS_UNREAD = 64;
/** Packets of one slot that are always allowed; more when more are usual. */
const LEAST_BURST = 512;
/** Slots' worth of requests that may go out in one when the pinger catches up. */
const CATCH_UP = 4;
/** Requests worth waking for, and most slots that they are waited for. */
const COMPANY = 32;
const MOST_TOGETHER = 4;
/** Longest that the engine sleeps, in milliseconds. */
const LONGEST_SLEEP = 50;

const { EAGAIN, EWOULDBLOCK } = constants.errno;

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
 * happens within.
 *
 * A round goes IDLE → QUEUED → WAITING, the latter two once for each request, and back to IDLE. Nothing is judged before all that the system
 * received in time was read, and silence is held against nobody when it was us who were late.
 */
export class Engine implements EchoListener {
  readonly #table: TargetTable;
  readonly #outbox: Outbox;
  readonly #tally: Tally;
  readonly #now: () => number;
  /** When rounds begin, and when requests are given up: the former may wait for company. */
  readonly #starts: Wheel;
  readonly #deadlines: Wheel;
  readonly #stalls = new Stalls();
  readonly #reasons = new Reasons();
  readonly #interfaceNumber: (zone: string) => number;
  /** Interfaces of link-local targets, by name or number. */
  readonly #zones = new Map<number, string>();
  readonly #queues = { 4: new SendQueue(), 6: new SendQueue() };
  readonly #links: { 4: EchoLink | null; 6: EchoLink | null } = { 4: null, 6: null };
  readonly #batch = new Int32Array(SEND_BATCH);
  readonly #random = new Uint32Array(2);
  readonly #due: number[] = [];
  #planned = Number.POSITIVE_INFINITY;
  /** Requests a millisecond, when all answer. */
  #rate = 0;
  /** The shortest interval that was ever asked for. */
  #shortest = Number.POSITIVE_INFINITY;
  readonly #targets = { 4: 0, 6: 0 };

  constructor(options: EngineOptions) {
    this.#table = options.table;
    this.#outbox = options.outbox;
    this.#tally = options.tally;
    this.#now = options.now;
    this.#interfaceNumber = options.interfaceNumber;
    this.#starts = new Wheel(this.#now());
    this.#deadlines = new Wheel(this.#now());
  }

  /** Gives it its socket of a family. Targets of a family without one read unknown. */
  connect(family: 4 | 6, link: EchoLink): void {
    this.#links[family] = link;
  }

  /** Begins to ask a target, in place of the one in its row. */
  set(spec: TargetSpec, address: Address): void {
    const { index } = spec;
    this.remove(index);
    randomFillSync(this.#random);
    const table = this.#table;
    table.fill(spec, address, this.#random[0] as number, this.#random[1] as number);
    if (address.zone !== "") this.#zones.set(index, address.zone);
    this.#starts.reserve(table.capacity);
    this.#deadlines.reserve(table.capacity);
    this.#queues[4].reserve(table.capacity);
    this.#queues[6].reserve(table.capacity);
    this.#rate += spec.count / spec.interval;
    this.#shortest = Math.min(this.#shortest, spec.interval);
    this.#targets[address.family]++;
    table.grid[index] = this.#now() + spec.phase * spec.interval;
    this.#rest(index);
  }

  /** Ends asking a target. What it still answers counts as late. */
  remove(index: number): void {
    const table = this.#table;
    if (index >= table.capacity || table.state[index] === FREE) return;
    table.state[index] = FREE;
    this.#targets[table.family[index] as 4 | 6]--;
    this.#rate -= (table.count[index] as number) / (table.interval[index] as number);
    this.#starts.clear(index);
    this.#deadlines.clear(index);
    this.#reasons.forget(index);
    this.#zones.delete(index);
  }

  /** Reads, judges, sends. @returns when to call again, at most 50 ms after */
  turn(): number {
    const now = this.#now();
    this.#stalls.note(this.#planned, now);
    if (this.#targets[4] > 0) this.#read(this.#links[4]);
    if (this.#targets[6] > 0) this.#read(this.#links[6]);
    const due = this.#due;
    this.#deadlines.expire(now, due);
    for (const target of due) this.#timedOut(target, now);
    due.length = 0;
    this.#starts.expire(now, due);
    for (const target of due) this.#begin(target, now);
    due.length = 0;
    this.#flush(4);
    this.#flush(6);
    const queued = this.#queues[4].size + this.#queues[6].size > 0;
    const most = queued ? SLOT : LONGEST_SLEEP;
    // With few requests, waking is most of the cost: then those of a few slots go together.
    const together = Math.min(
      MOST_TOGETHER,
      Math.max(1, Math.floor(Math.min(COMPANY / this.#rate, this.#shortest / MOST_TOGETHER) / SLOT)),
    );
    this.#planned = Math.min(this.#starts.next(most, together), this.#deadlines.next(most));
    return this.#planned;
  }

  close(): void {
    this.#links[4]?.close();
    this.#links[6]?.close();
  }

  #read(link: EchoLink | null): void {
    if (link?.receive() === false) this.#stalls.noteLoss(this.#now());
  }

  /** A regular round, at its time on the grid. */
  #begin(target: number, now: number): void {
    const table = this.#table;
    const interval = table.interval[target] as number;
    let due = table.grid[target] as number;
    const missed = Math.floor((now - due) / interval);
    if (missed > 0) {
      // Whole rounds went by while the pinger was held up: they read unknown, once for all of them.
      table.received[target] = 0;
      this.#tally.count("stalled", missed);
      this.#outbox.add(table, target, 0, "stall", `the pinger was held up for ${Math.round(now - due)} ms`);
      due += missed * interval;
    }
    table.grid[target] = due + interval;
    this.#ask(target, due);
  }

  /** Begins a round, whose first request should go out at `due`. */
  #ask(target: number, due: number): void {
    const table = this.#table;
    const answered = table.answered[target] === 0 ? 0 : 1;
    table.history[target] = ((table.history[target] as number) << 1) | answered;
    table.round[target] = (table.round[target] as number) + 1;
    table.sent[target] = 0;
    table.attempt[target] = 0;
    table.received[target] = 0;
    table.answered[target] = 0;
    table.spoiled[target] = 0;
    const zone = this.#zones.size > 0 ? this.#zones.get(target) : undefined;
    if (zone !== undefined) {
      // Interfaces come and go, and are numbered anew.
      const scope = this.#interfaceNumber(zone);
      table.scope[target] = scope;
      if (scope === 0) {
        this.#unsent(target, "own-network", `no interface ${zone} on this system`);
        return;
      }
    }
    this.#queue(target, due);
  }

  #queue(target: number, due: number): void {
    const table = this.#table;
    table.sendDue[target] = due;
    table.state[target] = QUEUED;
    this.#queues[table.family[target] as 4 | 6].push(target);
  }

  #flush(family: 4 | 6): void {
    const queue = this.#queues[family];
    if (queue.size === 0) return;
    const link = this.#links[family];
    let budget = Math.max(LEAST_BURST, CATCH_UP * SLOT * this.#rate);
    let unread = 0;
    while (queue.size > 0 && budget > 0) {
      const count = this.#fill(queue);
      if (!link) {
        for (let at = 0; at < count; at++)
          this.#unsent(this.#batch[at] as number, "own-network", `no IPv${family} on this system`);
        continue;
      }
      if (!this.#send(link, queue, count)) return;
      budget -= count;
      unread += count;
      if (unread < SENDS_UNREAD) continue;
      unread = 0;
      this.#read(link);
    }
  }

  /** Moves targets from a queue to the batch. Those that were removed meanwhile are left out. */
  #fill(queue: SendQueue): number {
    let count = 0;
    while (count < SEND_BATCH && queue.size > 0) {
      const target = queue.shift();
      if (this.#table.state[target] === QUEUED) this.#batch[count++] = target;
    }
    return count;
  }

  /** Sends the batch. @returns false when the system takes no more for now */
  #send(link: EchoLink, queue: SendQueue, count: number): boolean {
    const batch = this.#batch;
    let rest = count;
    while (rest > 0) {
      const sent = link.send(batch, rest);
      for (let at = 0; at < sent; at++) this.#gone(batch[at] as number, link.sentAt);
      this.#tally.count("sent", sent);
      let done = sent;
      if (sent === 0) {
        const { errno } = link;
        if (errno === EAGAIN || errno === EWOULDBLOCK) {
          for (let at = 0; at < rest; at++) queue.push(batch[at] as number);
          return false;
        }
        this.#refused(batch[0] as number, errno, link.sentAt);
        done = 1;
      }
      batch.copyWithin(0, done, rest);
      rest -= done;
    }
    return true;
  }

  #gone(target: number, now: number): void {
    const table = this.#table;
    table.sent[target] = (table.sent[target] as number) + 1;
    table.sentAt[target] = now;
    table.state[target] = WAITING;
    this.#deadlines.set(target, now + (table.timeout[target] as number));
  }

  #refused(target: number, errno: number, now: number): void {
    const { unmeasured, reason } = sendFailure(errno);
    if (unmeasured !== null) {
      this.#unsent(target, unmeasured, reason);
      return;
    }
    this.#reasons.note(target, reason, now);
    // A miss like any other, in its time: three of them at once would confirm nothing.
    this.#gone(target, now);
  }

  /** Ends a round whose request could not go out. */
  #unsent(target: number, unmeasured: Unmeasured, reason: string): void {
    const table = this.#table;
    const measured = (table.received[target] as number) > 0;
    this.#outbox.add(
      table,
      target,
      table.sent[target] as number,
      measured ? null : unmeasured,
      measured ? null : reason,
    );
    this.#rest(target);
  }

  /** Waits for the next regular round. */
  #rest(target: number): void {
    const table = this.#table;
    const now = this.#now();
    const interval = table.interval[target] as number;
    const grid = table.grid[target] as number;
    // A round may end beyond the time of the next one: that one is left out. Whole intervals beyond it, unless it has several requests, it
    // was held up: then the next one begins at once, and tells so.
    const lag = now - grid;
    if (lag > 0 && (lag < interval || (table.count[target] as number) > 1))
      table.grid[target] = grid + Math.ceil(lag / interval) * interval;
    table.state[target] = IDLE;
    this.#starts.set(target, table.grid[target] as number);
  }

  #timedOut(target: number, now: number): void {
    const table = this.#table;
    const late = this.#stalls.spoiled(
      table.sendDue[target] as number,
      table.sentAt[target] as number,
      table.timeout[target] as number,
    );
    if (late) table.spoiled[target] = (table.spoiled[target] as number) + 1;
    this.#next(target, now);
  }

  /** The next request of the round, or its end. */
  #next(target: number, now: number): void {
    const table = this.#table;
    const attempt = (table.attempt[target] as number) + 1;
    if (attempt < (table.count[target] as number)) {
      table.attempt[target] = attempt;
      this.#queue(target, now);
    } else this.#end(target, now);
  }

  #end(target: number, now: number): void {
    const table = this.#table;
    const sent = table.sent[target] as number;
    const spoiled = table.spoiled[target] as number;
    if ((table.received[target] as number) > 0) {
      table.misses[target] = 0;
      this.#reasons.forget(target);
      this.#outbox.add(table, target, sent - spoiled, null, null);
      this.#rest(target);
      return;
    }
    if (spoiled > 0) {
      this.#tally.count("stalled");
      this.#outbox.add(table, target, sent, "stall", "the pinger was held up");
      this.#rest(target);
      return;
    }
    const misses = (table.misses[target] as number) + 1;
    table.misses[target] = misses;
    this.#outbox.add(table, target, sent, null, this.#reasons.of(target, now));
    if (misses < (table.confirm[target] as number)) this.#ask(target, now);
    else this.#rest(target);
  }

  reply(words: Uint32Array, at: number, source: Uint32Array, from: number, time: number): void {
    const table = this.#table;
    const target = words[at + INDEX] as number;
    const nonce = words[at + NONCE] as number;
    if (target >= table.capacity || table.nonce[target] !== nonce) {
      const gone = target < table.capacity && table.retired[target] === nonce;
      this.#tally.count(gone ? "late" : "forged");
      return;
    }
    if (!this.#isFrom(target, source, from)) {
      this.#tally.count("forged");
      return;
    }
    const attempt = words[at + ATTEMPT] as number;
    const age = ((table.round[target] as number) - (words[at + ROUND] as number)) >>> 0;
    if (age > 0) this.#oldReply(target, age);
    else if (attempt >= (table.sent[target] as number)) this.#tally.count("forged");
    else if (((table.answered[target] as number) >>> attempt) & 1) this.#tally.count("duplicate");
    else if (attempt === table.attempt[target] && table.state[target] === WAITING)
      this.#answered(target, attempt, time);
    else this.#tally.count("late");
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
    const rounds = ((table.round[target] as number) - (table.firstRound[target] as number)) >>> 0;
    if (age >= rounds) this.#tally.count("forged");
    else if (age <= 32 && ((table.history[target] as number) >>> (age - 1)) & 1)
      this.#tally.count("duplicate");
    else this.#tally.count("late");
  }

  #answered(target: number, attempt: number, time: number): void {
    const table = this.#table;
    const now = this.#now();
    // Somebody may have set the clock that the system stamps with: no reply came before its request, none after now.
    const elapsed = Math.max(0, Math.min(time, now) - (table.sentAt[target] as number));
    if (elapsed > (table.timeout[target] as number)) {
      this.#tally.count("late");
      return;
    }
    const received = table.received[target] as number;
    table.times[target * table.stride + received] = elapsed;
    table.received[target] = received + 1;
    table.answered[target] = (table.answered[target] as number) | (1 << attempt);
    this.#tally.count("received");
    this.#deadlines.clear(target);
    this.#next(target, now);
  }

  foreign(): void {
    this.#tally.count("foreign");
  }

  error({ text, request, destination, sequence }: EchoError): void {
    const table = this.#table;
    const now = this.#now();
    if (request) {
      const { index, nonce } = request;
      if (index < table.capacity && table.state[index] !== FREE && table.nonce[index] === nonce)
        this.#reasons.note(index, text, now);
      return;
    }
    // Little was quoted: where it went and half of the round's number must do.
    for (let index = 0; index < table.capacity; index++)
      if (
        table.state[index] !== FREE &&
        this.#isFrom(index, destination, 0) &&
        (((table.round[index] as number) - sequence) & 0xffff) < 32
      )
        this.#reasons.note(index, text, now);
  }
}
