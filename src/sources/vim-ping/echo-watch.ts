import type { Finding } from "./finding.ts";
import { unresolved } from "./host-watch.ts";
import type { Resolution } from "./names.ts";
import type { PingRound, PingTarget } from "./pinger/port.ts";
import { Votes } from "./votes.ts";
import type { Watch, WatchParts } from "./watch.ts";

/** Least milliseconds until a name that is still being resolved counts as unknown. */
const PATIENCE = 1000;

let targets = 0;

/** Asks all addresses of one VIM by ICMP echo, and makes one finding of what they say. */
export class EchoWatch implements Watch {
  readonly #parts: WatchParts;
  /** The addresses that are asked, and how each is ended. A list, since nearly all VIMs have one address and a map is ten times as large. */
  #asked: ReadonlyArray<{ readonly address: string; readonly stop: () => void }> = [];
  /** Of a VIM with several addresses: what each of them says. */
  #votes: Votes | undefined;
  #onFinding: (finding: Finding) => void = () => {};
  #stopWaiting: (() => void) | undefined;
  /** Milliseconds that a round may take. */
  readonly #longest: number;
  #closed = false;

  constructor(parts: WatchParts) {
    const { timeout, count } = parts.vim.settings;
    this.#parts = parts;
    this.#longest = timeout * count;
  }

  start(onFinding: (finding: Finding) => void): void {
    const { clock, host, signal, vim } = this.#parts;
    this.#onFinding = onFinding;
    const unknown = () => this.#say(`${vim.target.host} has not been resolved yet`);
    if (!host.resolution)
      this.#stopWaiting = clock.setTimeout(unknown, Math.max(vim.settings.interval, PATIENCE), signal);
    host.start((resolution) => this.#follow(resolution));
  }

  async once(signal: AbortSignal): Promise<Finding> {
    const { host, clock } = this.#parts;
    const resolution = await host.addresses(signal);
    const began = clock.monotonic();
    if (resolution.addresses === null) return unresolved(resolution.reason, "icmp", began);
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const ends: Array<() => void> = [];
    try {
      const rounds = resolution.addresses.map((address) => this.#round(address, ends));
      return await Promise.race([this.#best(rounds), aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      for (const end of ends) end();
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopWaiting?.();
    for (const { stop } of this.#asked) stop();
    this.#asked = [];
  }

  #follow({ addresses, ...rest }: Resolution): void {
    if (this.#closed) return;
    const wanted = new Set(addresses);
    const kept = this.#asked.filter(({ address }) => wanted.has(address));
    for (const asked of this.#asked) if (!kept.includes(asked)) asked.stop();
    for (const { address } of kept) wanted.delete(address);
    this.#asked = [...kept, ...[...wanted].map((address) => ({ address, stop: this.#ask(address) }))];
    if (this.#asked.length > 1) {
      this.#votes ??= new Votes();
      this.#votes.elect(this.#asked.map(({ address }) => address));
    } else this.#votes = undefined;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (addresses === null && "reason" in rest) this.#say(rest.reason);
  }

  /** A VIM without an address is told about in the rhythm of its rounds: it is watched, though not measured. */
  #say(reason: string): void {
    const { clock, signal, vim } = this.#parts;
    this.#onFinding(unresolved(reason, "icmp", clock.monotonic()));
    if (this.#closed) return;
    this.#stopWaiting = clock.setTimeout(() => this.#say(reason), vim.settings.interval, signal);
  }

  #ask(address: string): () => void {
    return this.#parts.pings.ask(this.#target(address), (round, now) => this.#take(address, round, now));
  }

  #take(address: string, round: PingRound, now: number): void {
    const finding = this.#findingOf(address, round, now);
    // A VIM with one address has nothing to vote on; this is the path of every ordinary round.
    if (!this.#votes || this.#votes.take(address, finding.outcome) !== null) this.#onFinding(finding);
  }

  #findingOf(address: string, round: PingRound, now: number): Finding {
    const measured = round.unmeasured === null;
    const answered = measured && round.received > 0;
    return {
      outcome: answered ? "answer" : measured ? "miss" : "unmeasured",
      probe: "icmp",
      began: answered ? now : now - this.#longest,
      ended: now,
      address,
      sent: measured ? round.sent : 0,
      times: round.times,
      error: round.unmeasured,
      reason: round.reason,
      code: undefined,
    };
  }

  #target(address: string): PingTarget {
    const { interval, timeout, count, failAfter } = this.#parts.vim.settings;
    targets += 1;
    return { id: `vim ${targets}`, address, interval, timeout, count, confirm: failAfter };
  }

  /** One round of one address, at once: a target of its own with the shortest interval, which is forgotten after its first round. */
  #round(address: string, ends: Array<() => void>): Promise<Finding> {
    const target = { ...this.#target(address), interval: Math.max(1, this.#longest), confirm: 1 };
    return new Promise((resolve) => {
      ends.push(this.#parts.pings.ask(target, (round, now) => resolve(this.#findingOf(address, round, now))));
    });
  }

  /** The first answer; where there is none, what says something about the VIM. */
  async #best(rounds: readonly Promise<Finding>[]): Promise<Finding> {
    const answered = rounds.map(async (round) => {
      const finding = await round;
      if (finding.outcome !== "answer") throw finding;
      return finding;
    });
    try {
      return await Promise.any(answered);
    } catch {
      const all = await Promise.all(rounds);
      return all.find(({ outcome }) => outcome === "miss") ?? (all[0] as Finding);
    }
  }
}
