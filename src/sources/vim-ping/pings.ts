import type { SourceContext } from "../../plugin/index.ts";
import type { VimError } from "./events.ts";
import type { Pinger, PingerOptions, PingRound, PingTarget } from "./pinger/port.ts";

/** Opens a pinger. */
export type OpenPinger = (options: PingerOptions) => Promise<Pinger>;

/** Told of each round of one target. Must not throw. */
export type OnRound = (round: PingRound, now: number) => void;

/** How the pinger is. */
export interface PingerState {
  /** Its backend, and why this one; null while there is none. */
  readonly backend: { readonly name: string; readonly reason: string } | null;
  /** Why there is none; null while there is, or while the first is being opened. */
  readonly trouble: {
    readonly error: Extract<VimError, "privilege" | "backend">;
    readonly message: string;
  } | null;
}

/** First and longest wait, in milliseconds, before a pinger that failed is opened again. */
const RETRY = { first: 5000, longest: 60_000 };

/** Milliseconds that opening may take before its targets are told that nobody asks them. */
const PATIENCE = 3000;

/** How often, in milliseconds, targets that nobody asks are looked through. */
const TICK = 250;

/** Most milliseconds between two rounds of a target that nobody asks. */
const RHYTHM = 1000;

interface Asked {
  readonly target: PingTarget;
  readonly onRound: OnRound;
  /** Monotonic milliseconds of its last round, of the pinger or in its place. */
  last: number;
  /** Why the pinger does not take it; undefined where it does. */
  refused: string | undefined;
}

/**
 * Keeps a pinger open, and its targets told. While there is none, every target still has its rounds: they say that it could not be
 * measured, and why.
 */
export class Pings {
  readonly #ctx: Pick<SourceContext, "clock" | "log" | "signal">;
  readonly #open: OpenPinger;
  readonly #onState: (state: PingerState) => void;
  readonly #asked = new Map<string, Asked>();
  #pinger: Pinger | undefined;
  #state: PingerState = { backend: null, trouble: null };
  #wait = RETRY.first;
  #opening = false;
  #closing: Promise<void> = Promise.resolve();
  #stopTicking: (() => void) | undefined;

  /** @param onState told of every change; must not throw */
  constructor(
    ctx: Pick<SourceContext, "clock" | "log" | "signal">,
    open: OpenPinger,
    onState: (state: PingerState) => void,
  ) {
    this.#ctx = ctx;
    this.#open = open;
    this.#onState = onState;
  }

  /** The counters of the pinger that is open; undefined while there is none. */
  counters(): ReturnType<Pinger["counters"]> | undefined {
    return this.#pinger?.counters();
  }

  /** Asks an address from now on; the pinger is opened for the first one. Returns a function that ends it. */
  ask(target: PingTarget, onRound: OnRound): () => void {
    const asked: Asked = { target, onRound, last: this.#ctx.clock.monotonic(), refused: undefined };
    this.#asked.set(target.id, asked);
    if (this.#pinger) this.#set(this.#pinger, asked);
    else if (!this.#opening && this.#state.trouble === null) void this.#start();
    return () => {
      if (this.#asked.get(target.id) !== asked) return;
      this.#asked.delete(target.id);
      this.#pinger?.remove(target.id);
    };
  }

  /** Closes the pinger, also one that is still being opened. */
  async close(): Promise<void> {
    this.#asked.clear();
    this.#stopTicking?.();
    const pinger = this.#pinger;
    this.#pinger = undefined;
    if (pinger) this.#closing = pinger.close();
    await this.#closing;
  }

  async #start(): Promise<void> {
    const { clock, signal } = this.#ctx;
    if (signal.aborted) return;
    this.#opening = true;
    const impatient = clock.setTimeout(
      () => this.#fail("backend", "the pinger has not started yet"),
      PATIENCE,
      signal,
    );
    let failed = false;
    const mine = () => failed;
    try {
      const pinger: Pinger = await this.#open({
        onRound: (round) => this.#take(round),
        onFailure: (error) => {
          failed = true;
          this.#lost(error);
        },
      });
      if (signal.aborted || mine()) {
        this.#closing = pinger.close();
        return;
      }
      this.#pinger = pinger;
      this.#wait = RETRY.first;
      for (const asked of this.#asked.values()) this.#set(pinger, asked);
      this.#tell({ backend: { name: pinger.backend, reason: pinger.reason }, trouble: null });
    } catch (error) {
      if (!signal.aborted) this.#lost(error as Error);
    } finally {
      this.#opening = false;
      impatient();
    }
  }

  #set(pinger: Pinger, asked: Asked): void {
    asked.refused = undefined;
    try {
      pinger.set(asked.target);
    } catch (error) {
      asked.refused = (error as Error).message;
      this.#standIn();
    }
  }

  #lost(error: Error): void {
    const { clock, signal } = this.#ctx;
    if (signal.aborted) return;
    const pinger = this.#pinger;
    this.#pinger = undefined;
    if (pinger) this.#closing = pinger.close().catch(() => {});
    const code = "code" in error ? String(error.code) : "";
    this.#fail(code === "PING_PRIVILEGE" ? "privilege" : "backend", error.message);
    clock.setTimeout(() => void this.#start(), this.#wait, signal);
    this.#wait = Math.min(2 * this.#wait, RETRY.longest);
  }

  #fail(error: "privilege" | "backend", message: string): void {
    this.#tell({ backend: null, trouble: { error, message } });
    this.#standIn();
  }

  /** In the pinger's place from now on, as long as somebody needs it. */
  #standIn(): void {
    this.#stopTicking ??= this.#ctx.clock.setTimeout(() => this.#tick(), TICK, this.#ctx.signal);
  }

  #tell(state: PingerState): void {
    this.#state = state;
    this.#onState(state);
  }

  #take(round: PingRound): void {
    const asked = this.#asked.get(round.id);
    if (!asked) return;
    asked.last = this.#ctx.clock.monotonic();
    asked.onRound(round, asked.last);
  }

  /** The rounds that nobody asked. */
  #tick(): void {
    const { clock, signal } = this.#ctx;
    const { trouble } = this.#state;
    this.#stopTicking = undefined;
    const now = clock.monotonic();
    let more = trouble !== null;
    for (const [id, asked] of this.#asked) {
      const reason = trouble?.message ?? asked.refused;
      if (reason === undefined) continue;
      more = true;
      if (now - asked.last < Math.min(asked.target.interval, RHYTHM)) continue;
      asked.last = now;
      const unmeasured = trouble?.error ?? "backend";
      asked.onRound({ id, sent: 0, received: 0, times: [], unmeasured, reason }, now);
    }
    if (more) this.#stopTicking = clock.setTimeout(() => this.#tick(), TICK, signal);
  }
}
