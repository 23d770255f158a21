import type { Unmeasured } from "../port.ts";
import type { Outbox } from "./outbox.ts";
import { Reasons } from "./reasons.ts";
import type { SendQueue } from "./send-queue.ts";
import { Stalls } from "./stalls.ts";
import type { Tally } from "./tally.ts";
import { FREE, IDLE, QUEUED, type TargetTable, WAITING } from "./target-table.ts";
import { Wheel } from "./wheel.ts";

/** What the rounds of an engine are made from. */
export interface RoundsOptions {
  readonly table: TargetTable;
  readonly outbox: Outbox;
  readonly tally: Tally;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The number of a network interface, 0 when there is none of that name. */
  readonly interfaceNumber: (zone: string) => number;
  /** Where requests wait until they are sent, by family. */
  readonly queues: { readonly 4: SendQueue; readonly 6: SendQueue };
}

/**
 * The life of every target's rounds: IDLE → QUEUED → WAITING, the latter two once for each request, and back to IDLE. Silence is held
 * against nobody when it was us who were late.
 */
export class Rounds {
  /** When rounds begin, and when requests are given up: the former may wait for company. */
  readonly starts: Wheel;
  readonly deadlines: Wheel;
  readonly stalls = new Stalls();
  readonly reasons = new Reasons();
  readonly #options: RoundsOptions;
  readonly #table: TargetTable;
  /** Interfaces of link-local targets, by name or number. */
  readonly #zones = new Map<number, string>();
  readonly #due: number[] = [];

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#table = options.table;
    this.starts = new Wheel(options.now());
    this.deadlines = new Wheel(options.now());
  }

  /** Lets the rounds of a new target begin, the first one at a monotonic time. @param zone interface of a link-local address, else empty */
  add(target: number, zone: string, first: number): void {
    const { capacity, grid } = this.#table;
    this.starts.reserve(capacity);
    this.deadlines.reserve(capacity);
    if (zone !== "") this.#zones.set(target, zone);
    grid[target] = first;
    this.#rest(target);
  }

  /** Ends them. */
  remove(target: number): void {
    this.#table.state[target] = FREE;
    this.starts.clear(target);
    this.deadlines.clear(target);
    this.reasons.forget(target);
    this.#zones.delete(target);
  }

  /** Gives up the requests whose time is over, and begins the rounds that are due. Call when all that arrived was read. */
  advance(now: number): void {
    const due = this.#due;
    this.deadlines.expire(now, due);
    for (const target of due) this.#timedOut(target, now);
    due.length = 0;
    this.starts.expire(now, due);
    for (const target of due) this.#begin(target, now);
    due.length = 0;
  }

  /** A request went out. */
  gone(target: number, now: number): void {
    const table = this.#table;
    table.sent[target] = (table.sent[target] as number) + 1;
    table.sentAt[target] = now;
    table.state[target] = WAITING;
    this.deadlines.set(target, now + (table.timeout[target] as number));
  }

  /** Ends a round whose request could not go out. */
  unsent(target: number, unmeasured: Unmeasured, reason: string): void {
    const table = this.#table;
    const measured = (table.received[target] as number) > 0;
    this.#options.outbox.add(
      table,
      target,
      table.sent[target] as number,
      measured ? null : unmeasured,
      measured ? null : reason,
    );
    this.#rest(target);
  }

  /** The request in hand was answered after so many milliseconds, in time. */
  answered(target: number, attempt: number, elapsed: number, now: number): void {
    const table = this.#table;
    const received = table.received[target] as number;
    table.times[target * table.stride + received] = elapsed;
    table.received[target] = received + 1;
    table.answered[target] = (table.answered[target] as number) | (1 << attempt);
    this.deadlines.clear(target);
    this.#next(target, now);
  }

  /** A regular round, at its time on the grid. */
  #begin(target: number, now: number): void {
    const table = this.#table;
    const { tally, outbox } = this.#options;
    const interval = table.interval[target] as number;
    let due = table.grid[target] as number;
    const missed = Math.floor((now - due) / interval);
    if (missed > 0) {
      // Whole rounds went by while the pinger was held up: they read unknown, once for all of them.
      table.received[target] = 0;
      tally.count("stalled", missed);
      outbox.add(table, target, 0, "stall", `the pinger was held up for ${Math.round(now - due)} ms`);
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
      const scope = this.#options.interfaceNumber(zone);
      table.scope[target] = scope;
      if (scope === 0) {
        this.unsent(target, "own-network", `no interface ${zone} on this system`);
        return;
      }
    }
    this.#queue(target, due);
  }

  #queue(target: number, due: number): void {
    const table = this.#table;
    table.sendDue[target] = due;
    table.state[target] = QUEUED;
    this.#options.queues[table.family[target] as 4 | 6].push(target);
  }

  /** Waits for the next regular round. */
  #rest(target: number): void {
    const table = this.#table;
    const now = this.#options.now();
    const interval = table.interval[target] as number;
    const grid = table.grid[target] as number;
    // A round may end beyond the time of the next one: that one is left out. Whole intervals beyond it, unless it has several requests, it
    // was held up: then the next one begins at once, and tells so.
    const lag = now - grid;
    if (lag > 0 && (lag < interval || (table.count[target] as number) > 1))
      table.grid[target] = grid + Math.ceil(lag / interval) * interval;
    table.state[target] = IDLE;
    this.starts.set(target, table.grid[target] as number);
  }

  #timedOut(target: number, now: number): void {
    const table = this.#table;
    const late = this.stalls.spoiled(
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
    const { tally, outbox } = this.#options;
    const sent = table.sent[target] as number;
    const spoiled = table.spoiled[target] as number;
    if ((table.received[target] as number) > 0) {
      table.misses[target] = 0;
      this.reasons.forget(target);
      outbox.add(table, target, sent - spoiled, null, null);
      this.#rest(target);
      return;
    }
    if (spoiled > 0) {
      tally.count("stalled");
      outbox.add(table, target, sent, "stall", "the pinger was held up");
      this.#rest(target);
      return;
    }
    const misses = (table.misses[target] as number) + 1;
    table.misses[target] = misses;
    outbox.add(table, target, sent, null, this.reasons.of(target, now));
    if (misses < (table.confirm[target] as number)) this.#ask(target, now);
    else this.#rest(target);
  }
}
