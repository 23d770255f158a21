import { checkTarget } from "../check-target.ts";
import type { PingCounters, Pinger, PingerOptions, PingTarget } from "../port.ts";
import { runProgram } from "../run-program.ts";
import { type PingOutcome, readPing } from "./ping-output.ts";

/** Processes at the same time. */
const LANES = 32;
/** Milliseconds between the requests of one round: what ping allows everybody. */
const GAP = 200;
/** Milliseconds that a process may take beyond what was asked of it. */
const GRACE = 1000;

interface Watched {
  readonly target: PingTarget;
  /** When its next regular round begins, monotonic. */
  grid: number;
  misses: number;
  timer: NodeJS.Timeout | undefined;
  removed: boolean;
}

/** Starts the system's ping for each round: some milliseconds of processor time each, so it is the last resort. */
export class PingPinger implements Pinger {
  readonly backend = "ping";
  reason: string;
  readonly #options: PingerOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #waiting: Watched[] = [];
  readonly #stop = new AbortController();
  readonly #lanes = new Set<Promise<void>>();
  readonly #counters = { sent: 0, received: 0, late: 0, duplicate: 0, foreign: 0, forged: 0, stalled: 0 };
  readonly #fractions: boolean;
  #phase = Math.random();

  /** `fractions`: whether this ping understands parts of a second. */
  constructor(reason: string, fractions: boolean, options: PingerOptions) {
    this.reason = reason;
    this.#fractions = fractions;
    this.#options = options;
  }

  set(target: PingTarget): void {
    checkTarget(target);
    this.remove(target.id);
    if (this.#stop.signal.aborted) return;
    this.#phase = (this.#phase + (Math.sqrt(5) - 1) / 2) % 1;
    const grid = performance.now() + this.#phase * target.interval;
    const watched: Watched = { target, grid, misses: 0, timer: undefined, removed: false };
    this.#watched.set(target.id, watched);
    this.#rest(watched);
  }

  remove(id: string): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    watched.removed = true;
    clearTimeout(watched.timer);
    this.#watched.delete(id);
  }

  counters(): PingCounters {
    return { ...this.#counters };
  }

  async close(): Promise<void> {
    for (const id of [...this.#watched.keys()]) this.remove(id);
    this.#waiting.length = 0;
    this.#stop.abort();
    await Promise.all(this.#lanes);
  }

  /** Waits for the next regular round. */
  #rest(watched: Watched): void {
    const { interval } = watched.target;
    const now = performance.now();
    if (watched.grid < now) watched.grid += Math.ceil((now - watched.grid) / interval) * interval;
    watched.timer = setTimeout(() => this.#begin(watched), watched.grid - now);
  }

  #begin(watched: Watched): void {
    const { id, interval } = watched.target;
    const missed = Math.floor((performance.now() - watched.grid) / interval);
    if (missed > 0) {
      this.#counters.stalled += missed;
      const reason = "lifeguard was held up";
      this.#options.onRound({ id, sent: 0, received: 0, times: [], unmeasured: "stall", reason });
      watched.grid += missed * interval;
    }
    watched.grid += interval;
    this.#queue(watched);
  }

  #queue(watched: Watched): void {
    this.#waiting.push(watched);
    this.#next();
  }

  #next(): void {
    while (this.#lanes.size < LANES) {
      const watched = this.#waiting.shift();
      if (!watched) return;
      if (watched.removed) continue;
      const lane = this.#ask(watched).finally(() => {
        this.#lanes.delete(lane);
        this.#next();
      });
      this.#lanes.add(lane);
    }
  }

  async #ask(watched: Watched): Promise<void> {
    const { address, interval, timeout, count } = watched.target;
    if (performance.now() >= watched.grid) {
      this.#counters.stalled++;
      const reason = `more rounds are due than ${LANES} processes can do`;
      this.#end(watched, { times: [], duplicates: 0, unmeasured: "stall", reason }, 0);
      watched.grid += interval;
      return;
    }
    const seconds = this.#fractions ? timeout / 1000 : Math.ceil(timeout / 1000);
    const args = ["-n", "-c", `${count}`, "-W", `${seconds}`];
    if (count > 1 && this.#fractions) args.push("-i", `${GAP / 1000}`);
    const started = performance.now();
    const limit = count * (Math.max(GAP, 1000 * seconds) + (this.#fractions ? 0 : 1000)) + GRACE;
    const end = await runProgram("ping", [...args, address], limit, this.#stop.signal);
    const outcome = readPing(end, timeout);
    this.#counters.sent += count;
    this.#counters.received += outcome.times.length;
    this.#counters.duplicate += outcome.duplicates;
    // An ICMP error ends ping at once; several misses within a moment would confirm nothing.
    this.#end(watched, outcome, Math.max(0, started + timeout - performance.now()));
  }

  #end(watched: Watched, outcome: PingOutcome, wait: number): void {
    if (watched.removed) return;
    const { id, count, confirm } = watched.target;
    const { times, unmeasured, reason } = outcome;
    const missed = unmeasured === null && times.length === 0;
    if (times.length > 0) watched.misses = 0;
    if (missed && ++watched.misses < confirm)
      watched.timer = setTimeout(() => {
        watched.grid = Math.max(watched.grid, performance.now() + watched.target.timeout);
        this.#queue(watched);
      }, wait);
    else this.#rest(watched);
    const sent = unmeasured === null ? count : 0;
    this.#options.onRound({ id, sent, received: times.length, times, unmeasured, reason });
  }
}
