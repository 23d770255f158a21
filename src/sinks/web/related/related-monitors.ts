import type { Observable } from "rxjs";
import type { Link, SinkContext } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";
import { addressKey, parseAddress, rootOf } from "./address.ts";
import { Announcer } from "./announcer.ts";
import type { RelatedEntry } from "./config.ts";
import { Gate } from "./gate.ts";
import { MonitorReader } from "./monitor-reader.ts";
import { namedMonitors } from "./named-monitors.ts";
import { RelatedMonitor } from "./related-monitor.ts";
import { type RelatedSnapshot, unheard } from "./snapshot.ts";
import type { Timing } from "./timing.ts";

/** How many are looked at together, and how many there may be. */
const AT_ONCE = 16;
const MOST = 200;
/** Changes within so many milliseconds are announced together. */
const TOGETHER = 1000;

/** What the set needs of a sink's context. */
export type RelatedContext = Pick<
  SinkContext,
  "board" | "clock" | "events" | "log" | "metrics" | "origin" | "signal"
>;

interface Watched {
  readonly monitor: RelatedMonitor;
  readonly href: string;
  readonly stop: AbortController;
}

/**
 * All related monitors: those of the option `related`, and those that instances name by links `related_monitor`. Each is looked at in the
 * background; whoever shows them reads snapshots. One level only: what they are related to is not followed. What instances of another
 * lifeguard name is shown but never asked, or whoever can send us an event could have us ask any server that we can reach.
 */
export class RelatedMonitors {
  readonly #ctx: RelatedContext;
  readonly #entries: ReadonlyMap<string, RelatedEntry>;
  readonly #timing: Timing;
  readonly #gate = new Gate(AT_ONCE);
  readonly #watched = new Map<string, Watched>();
  /** What is not asked: no URL that can be, or named by another lifeguard. */
  readonly #unasked = new Map<string, RelatedSnapshot>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #announcer: Announcer;
  #following: Promise<void> | undefined;
  readonly #states: { set(value: number, labels: { state: string }): void };
  #version = 1;

  /** @param entries of the option `related` */
  constructor(ctx: RelatedContext, entries: readonly RelatedEntry[], timing: Timing) {
    this.#ctx = ctx;
    this.#signal = AbortSignal.any([ctx.signal, this.#stop.signal]);
    this.#announcer = new Announcer(ctx.clock, this.#signal);
    this.#entries = new Map(entries.map((entry) => [addressKey(entry.url), entry]));
    this.#timing = timing;
    this.#states = ctx.metrics.gauge({
      name: "web_related_monitors",
      help: "Related monitors by state: pending, heard, dead, unasked",
      labels: ["state"],
    });
  }

  /** Grows with every difference but the time of the last look. */
  get version(): number {
    return this.#version;
  }

  /** Emits after a difference, and now and then after looks that brought none, so that a page can say when they were. */
  get changes(): Observable<void> {
    return this.#announcer.said;
  }

  /** The option `related` as links. */
  get configured(): readonly Link[] {
    return [...this.#entries.values()].map(({ url, title }) => ({
      rel: "related_monitor",
      href: url,
      title,
    }));
  }

  /** Begins to look, and follows what instances name. */
  start(): void {
    this.#following ??= this.#follow();
  }

  /** Resolves when everything has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    await Promise.all(this.#running);
  }

  async #follow(): Promise<void> {
    const { events, log } = this.#ctx;
    const signal = this.#signal;
    try {
      const described = events({ filter: { types: ["subject.*"], subjects: ["instance/*"] }, signal });
      // Asked for before the board is looked at, so that nothing falls between.
      let next = described.next();
      for (this.#sync(); !(await next).done; next = described.next()) this.#sync();
    } catch (error) {
      if (!signal.aborted) log.error("cannot follow which monitors are related", { err: error });
    }
  }

  /** What is known about the monitors of some links, each once, in their order. Nothing is of links to roots of this server. */
  of(links: readonly Link[]): readonly RelatedSnapshot[] {
    const keys = new Set(links.map(({ href }) => addressKey(href)));
    return [...keys].flatMap(
      (key) => this.#watched.get(key)?.monitor.snapshot ?? this.#unasked.get(key) ?? [],
    );
  }

  /** What is shown on a root. What others tell us is for those only who may read all that we tell. */
  shown({ site, related }: Scope): readonly RelatedSnapshot[] {
    return site.may("read", null) ? this.of(related) : [];
  }

  /** Begins with what is named newly, and ends what is named no more. */
  #sync(): void {
    const { board, origin } = this.#ctx;
    const configured = [...this.#entries.values()].map(({ url }) => url);
    const { ours, others } = namedMonitors(configured, board.instances().values(), origin, MOST);
    let different = false;
    for (const [key, { href, stop }] of this.#watched)
      if (ours.get(key) !== href) {
        stop.abort();
        this.#watched.delete(key);
        different = true;
      }
    for (const [key, { state }] of this.#unasked)
      if (!(state === "dead" ? ours : others).has(key)) different = this.#unasked.delete(key);
    for (const [key, href] of ours) {
      if (this.#watched.has(key) || this.#unasked.has(key)) continue;
      different = true;
      try {
        this.#watch(key, href);
      } catch (error) {
        this.#unasked.set(key, refused(key, href, (error as Error).message));
      }
    }
    for (const [key, href] of others) {
      if (this.#unasked.has(key)) continue;
      different = true;
      this.#unasked.set(key, ofOthers(key, href));
    }
    if (different) this.#changed();
  }

  #watch(key: string, href: string): void {
    const { clock } = this.#ctx;
    const address = parseAddress(href);
    const { title, username, password, ca } = this.#entries.get(key) ?? {};
    const login = username === undefined || password === undefined ? undefined : { username, password };
    const stop = new AbortController();
    const monitor = new RelatedMonitor({
      key,
      href,
      title,
      link: address.root.href,
      reader: new MonitorReader({ address, login, ca }),
      timing: this.#timing,
      gate: this.#gate,
      clock,
      signal: AbortSignal.any([this.#signal, stop.signal]),
      looked: (before, different) => this.#looked(before, monitor.snapshot, different),
    });
    this.#watched.set(key, { monitor, href, stop });
    const running = monitor.run().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #looked(before: RelatedSnapshot, { title, href, state, error }: RelatedSnapshot, different: boolean): void {
    const { log } = this.#ctx;
    if (state === "dead" && before.state !== "dead")
      log.warn(`the related monitor ${title} is dead: ${error}`, { href });
    if (state === "heard" && before.state === "dead")
      log.info(`the related monitor ${title} is heard again`, { href });
    if (different) this.#changed();
    else this.#announcer.within(this.#timing.interval);
  }

  #changed(): void {
    this.#version++;
    const states = { pending: 0, heard: 0, dead: 0, unasked: 0 };
    for (const { monitor } of this.#watched.values()) states[monitor.snapshot.state]++;
    for (const { state } of this.#unasked.values()) states[state]++;
    for (const [state, count] of Object.entries(states)) this.#states.set(count, { state });
    this.#announcer.within(TOGETHER);
  }
}

/** What can never be heard is shown as what it is. */
function refused(key: string, href: string, error: string): RelatedSnapshot {
  return unheard({
    key,
    href,
    link: undefined,
    title: href,
    state: "dead",
    status: "critical",
    error,
  });
}

/** What another lifeguard names is a link, and no more. */
function ofOthers(key: string, href: string): RelatedSnapshot {
  const root = rootOf(href);
  return unheard({ key, href, link: root?.href, title: root?.host ?? href, state: "unasked" });
}
