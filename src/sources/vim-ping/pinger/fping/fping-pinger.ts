import { LifeguardError } from "../../../../plugin/index.ts";
import { checkTarget } from "../check-target.ts";
import type { PingCounters, Pinger, PingerOptions, PingTarget } from "../port.ts";
import type { FpingRemark, FpingResult } from "./fping-output.ts";
import { FpingShard } from "./fping-shard.ts";

/** Echo requests a second of one process: fping numbers 65,535 in ten seconds, and ends when it runs out. */
const MOST_RATE = 5000;
/** Milliseconds in which changes of targets are collected: each costs a restart. */
const SETTLE = 200;
/** Milliseconds before a process that ended is started again: the first time, and at most. */
const RESTART_FIRST = 100;
const RESTART_LAST = 10_000;
/** A process that lived so long was well. */
const WELL = 30_000;
/** Processes that may end in a row without having been well. */
const MOST_DEATHS = 8;
/** Milliseconds beyond a round in which its target must have been heard of. */
const GRACE = 1000;

interface Watched {
  readonly target: PingTarget;
  sent: number;
  times: number[];
  reason: string | null;
  /** When its round ended last, monotonic. */
  last: number;
}

interface Running {
  shard: FpingShard | null;
  readonly key: string;
  readonly members: ReadonlyMap<string, readonly Watched[]>;
  restart: NodeJS.Timeout | undefined;
  deaths: number;
}

/**
 * Asks through fping processes that run on, several when there are many targets. Coarser than our own sockets: a change of targets restarts
 * its process, and `confirm` never hurries, since fping cannot.
 */
export class FpingPinger implements Pinger {
  readonly backend = "fping";
  reason: string;
  readonly #options: PingerOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #running = new Set<Running>();
  readonly #changed = new Set<string>();
  readonly #counters = { sent: 0, received: 0, late: 0, duplicate: 0, foreign: 0, forged: 0, stalled: 0 };
  #settle: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(reason: string, options: PingerOptions) {
    this.reason = reason;
    this.#options = options;
    this.#sweep = setInterval(() => this.#findSilent(), GRACE);
  }

  set(target: PingTarget): void {
    checkTarget(target);
    this.remove(target.id);
    const last = performance.now() + SETTLE + target.interval;
    this.#watched.set(target.id, { target, sent: 0, times: [], reason: null, last });
    this.#change(target);
  }

  remove(id: string): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    this.#watched.delete(id);
    this.#change(watched.target);
  }

  counters(): PingCounters {
    return { ...this.#counters };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#settle);
    clearInterval(this.#sweep);
    await Promise.all([...this.#running].map((running) => this.#stop(running)));
  }

  #change(target: PingTarget): void {
    if (this.#closed) return;
    this.#changed.add(keyOf(target));
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined;
      this.#rearrange();
    }, SETTLE);
  }

  /** Starts the processes anew whose targets changed. */
  #rearrange(): void {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    for (const running of [...this.#running]) if (changed.has(running.key)) void this.#stop(running);
    for (const key of changed) {
      const members = [...this.#watched.values()].filter(({ target }) => keyOf(target) === key);
      const [first] = members;
      if (!first) continue;
      const { interval, count } = first.target;
      const most = Math.max(1, Math.floor((MOST_RATE * interval) / count / 1000));
      for (let from = 0; from < members.length; from += most)
        this.#start(key, members.slice(from, from + most));
    }
  }

  #start(key: string, watched: readonly Watched[]): void {
    const members = new Map<string, Watched[]>();
    for (const one of watched) {
      const { address } = one.target;
      const same = members.get(address);
      if (same) same.push(one);
      else members.set(address, [one]);
    }
    const running: Running = { shard: null, key, members, restart: undefined, deaths: 0 };
    this.#running.add(running);
    this.#spawn(running);
  }

  #spawn(running: Running): void {
    const { members } = running;
    const [first] = members.values().next().value as readonly Watched[];
    const { interval, timeout, count } = (first as Watched).target;
    const period = interval / count;
    running.shard = new FpingShard(
      { addresses: [...members.keys()], period, timeout: Math.min(timeout, period) },
      {
        result: (result) => this.#hear(members, result),
        remark: (remark) => this.#remark(members, remark),
        ended: (why, lived) => this.#ended(running, why, lived),
      },
    );
  }

  async #stop(running: Running): Promise<void> {
    this.#running.delete(running);
    clearTimeout(running.restart);
    await running.shard?.stop();
  }

  #ended(running: Running, why: string, lived: number): void {
    running.shard = null;
    running.deaths = lived > WELL ? 1 : running.deaths + 1;
    if (running.deaths >= MOST_DEATHS) {
      this.#options.onFailure(new LifeguardError("PING_FPING", `fping does not keep running: ${why}`));
      void this.close();
      return;
    }
    const delay = Math.min(RESTART_LAST, RESTART_FIRST * 2 ** (running.deaths - 1));
    running.restart = setTimeout(() => this.#spawn(running), delay);
  }

  #hear(members: Running["members"], { address, time }: FpingResult): void {
    for (const watched of members.get(address) ?? []) {
      watched.sent++;
      this.#counters.sent++;
      if (time !== null) {
        this.#counters.received++;
        watched.times.push(time);
        watched.reason = null;
      }
      if (watched.sent >= watched.target.count) this.#end(watched);
    }
  }

  #remark(members: Running["members"], { address, text, duplicate }: FpingRemark): void {
    if (duplicate) this.#counters.duplicate++;
    else for (const watched of members.get(address) ?? []) watched.reason = text;
  }

  #end(watched: Watched): void {
    const { sent, times, reason, target } = watched;
    watched.sent = 0;
    watched.times = [];
    watched.last = performance.now();
    // Its process goes on for a moment after it was removed.
    if (this.#watched.get(target.id) === watched)
      this.#options.onRound({ id: target.id, sent, received: times.length, times, unmeasured: null, reason });
  }

  /** fping says nothing of a target that it cannot send to, and nothing of any while it is not running. */
  #findSilent(): void {
    const now = performance.now();
    for (const watched of this.#watched.values()) {
      const { id, interval, timeout } = watched.target;
      if (now - watched.last < interval + timeout + GRACE) continue;
      watched.last = now;
      const reason = "fping says nothing of it: it is not running, or cannot send there";
      this.#options.onRound({ id, sent: 0, received: 0, times: [], unmeasured: "backend", reason });
    }
  }
}

/** Targets that one process can ask together have this in common. */
function keyOf({ interval, timeout, count }: PingTarget): string {
  return `${interval}/${timeout}/${count}`;
}
