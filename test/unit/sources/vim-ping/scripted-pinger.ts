import type {
  Pinger,
  PingerOptions,
  PingRound,
  PingTarget,
  Unmeasured,
} from "../../../../src/sources/vim-ping/pinger/port.ts";

/** What an address does with echo requests. */
export type Behaviour = "answers" | "silent" | "wedged" | Unmeasured | { readonly reason: string };

/** A pinger whose addresses do what a test says. It keeps the rhythm of the real one, the hurry after a miss included. */
export class ScriptedPinger implements Pinger {
  readonly backend = "icmp-datagram";
  readonly reason = "the script says so";
  readonly targets = new Map<string, PingTarget>();
  /** Addresses asked, in order. */
  readonly asked: string[] = [];
  closed = false;
  readonly #options: PingerOptions;
  readonly #network: Network;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #misses = new Map<string, number>();

  constructor(options: PingerOptions, network: Network) {
    this.#options = options;
    this.#network = network;
  }

  set(target: PingTarget): void {
    this.remove(target.id);
    this.targets.set(target.id, target);
    this.#wait(target, Math.random() * target.interval);
  }

  remove(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.targets.delete(id);
    this.#misses.delete(id);
  }

  counters() {
    const sent = this.asked.length;
    return { sent, received: sent, late: 0, duplicate: 0, foreign: 0, forged: 0, stalled: 0 };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const id of [...this.targets.keys()]) this.remove(id);
  }

  /** The backend dies. */
  fail(message: string): void {
    this.#options.onFailure(new Error(message));
  }

  #wait(target: PingTarget, ms: number): void {
    this.#timers.set(
      target.id,
      setTimeout(() => this.#round(target), ms),
    );
  }

  #round(target: PingTarget): void {
    const { id, address, interval, timeout, confirm, count } = target;
    const behaviour = this.#network.take(address);
    this.asked.push(address);
    if (behaviour === "wedged") return;
    const answers = behaviour === "answers";
    const silent = behaviour === "silent" || typeof behaviour === "object";
    const misses = silent ? (this.#misses.get(id) ?? 0) + 1 : 0;
    this.#misses.set(id, misses);
    const round: PingRound = {
      id,
      sent: count,
      received: answers ? count : 0,
      times: answers ? Array.from({ length: count }, () => 0.5) : [],
      unmeasured: answers || silent ? null : (behaviour as Unmeasured),
      reason: typeof behaviour === "object" ? behaviour.reason : null,
    };
    const took = silent ? timeout : 0;
    const tell = () => {
      if (!this.targets.has(id)) return;
      this.#wait(target, misses > 0 && misses < confirm ? 0 : interval - took);
      this.#options.onRound(round);
    };
    if (took === 0) tell();
    else this.#timers.set(id, setTimeout(tell, took));
  }
}

/** What is out there: every address answers, unless a test said otherwise. */
export class Network {
  readonly pingers: ScriptedPinger[] = [];
  /** Errors that the next openings fail with. */
  readonly refusals: Error[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #lost = new Set<string>();
  #rest: Behaviour = "answers";

  let(address: string, behaviour: Behaviour): void {
    this.#behaviours.set(address, behaviour);
  }

  /** What all others do. */
  letAll(behaviour: Behaviour): void {
    this.#behaviours.clear();
    this.#rest = behaviour;
  }

  /** Nobody answers the next request, just that one. */
  loseNext(address: string): void {
    this.#lost.add(address);
  }

  /** What the address does with the request that reaches it now. */
  take(address: string): Behaviour {
    if (this.#lost.delete(address)) return "silent";
    return this.#behaviours.get(address) ?? this.#rest;
  }

  get pinger(): ScriptedPinger {
    return this.pingers.at(-1) as ScriptedPinger;
  }

  readonly open = async (options: PingerOptions): Promise<Pinger> => {
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    const pinger = new ScriptedPinger(options, this);
    this.pingers.push(pinger);
    return pinger;
  };
}
