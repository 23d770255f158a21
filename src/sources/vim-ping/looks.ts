import type { Clock } from "../../plugin/index.ts";
import { connectTcp, getHttp } from "./connect.ts";
import type { Finding } from "./finding.ts";
import { netReason, ownError } from "./net-error.ts";
import type { Probe } from "./settings.ts";
import type { Target } from "./target.ts";

/** Most connections that are tried at a time. */
const AT_ONCE = 256;

/** Milliseconds by which our own timer may be late without spoiling a look. */
const NOISE = 50;

/** One look at a VIM by a connection. */
export interface Look {
  readonly probe: Exclude<Probe, "icmp">;
  readonly target: Target;
  readonly addresses: readonly string[];
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/** Looks at VIMs by connections of TCP and HTTP, so many at a time. */
export class Looks {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #waiting: Array<() => void> = [];
  #inside = 0;

  constructor(parts: { readonly clock: Clock; readonly signal: AbortSignal }) {
    this.#clock = parts.clock;
    this.#signal = parts.signal;
  }

  /** Looks once; all addresses at the same time, and the first answer counts. Rejects only when a signal aborts. */
  async look(look: Look, signal: AbortSignal = this.#signal): Promise<Finding> {
    if (this.#inside >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inside += 1;
    try {
      signal.throwIfAborted();
      return await this.#look(look, signal);
    } finally {
      this.#inside -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #look(look: Look, signal: AbortSignal): Promise<Finding> {
    const { clock, over, end } = this.#limit(look.timeout, signal);
    const began = clock.monotonic();
    const ask = look.probe === "tcp" ? connectTcp : getHttp;
    const finding = {
      probe: look.probe,
      began,
      ended: began,
      sent: 1,
      times: [],
      address: null,
      reason: null,
      error: null,
      code: undefined,
    };
    const tries = look.addresses.map(async (address): Promise<Finding> => {
      const { code } = await ask(look.target, address, over);
      const ended = clock.monotonic();
      return { ...finding, outcome: "answer", ended, address, times: [ended - began], code };
    });
    try {
      return await Promise.any(tries);
    } catch (error) {
      signal.throwIfAborted();
      const ended = clock.monotonic();
      return failed({ ...finding, ended }, error as AggregateError, look);
    } finally {
      end();
    }
  }

  #limit(timeout: number, outer: AbortSignal) {
    const limit = new AbortController();
    const clock = this.#clock;
    // What arrived while lifeguard itself stood still is read before time is declared to be up.
    const cancel = clock.setTimeout(
      () => setImmediate(() => setImmediate(() => limit.abort(TIME_UP))),
      timeout,
      outer,
    );
    const end = () => {
      cancel();
      limit.abort(TIME_UP);
    };
    return { clock, over: AbortSignal.any([limit.signal, outer]), end };
  }
}

const TIME_UP = Object.assign(new Error("no answer in time"), { code: "TIME_UP" });

/** None of the addresses answered. What says something about the VIM goes before what says something about ourselves. */
function failed(
  finding: Omit<Finding, "outcome">,
  { errors }: AggregateError,
  { addresses, timeout }: Look,
): Finding {
  const all = (errors as NodeJS.ErrnoException[]).map((error, index) => ({
    error,
    address: addresses[index],
  }));
  const { error, address = null } = all.find(({ error }) => ownError(error) === null) ?? all[0] ?? {};
  if (error === undefined)
    return { ...finding, outcome: "unmeasured", error: "dns", sent: 0, reason: "it has no address" };
  const own = ownError(error);
  if (own !== null)
    return { ...finding, outcome: "unmeasured", address, error: own, sent: 0, reason: netReason(error) };
  if (error !== TIME_UP) return { ...finding, outcome: "miss", address, reason: netReason(error) };
  if (finding.ended - finding.began - timeout > Math.max(NOISE, timeout / 10))
    return {
      ...finding,
      outcome: "unmeasured",
      address,
      error: "stall",
      sent: 0,
      reason: "lifeguard itself stood still",
    };
  return { ...finding, outcome: "miss", address };
}
