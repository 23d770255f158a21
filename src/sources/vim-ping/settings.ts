import type { PingOptions } from "./ping-options.ts";

/** How one look at a VIM is made. */
export type Probe = "icmp" | "tcp" | "http";

/** How one VIM is watched; times in milliseconds. */
export interface Settings {
  readonly interval: number;
  readonly timeout: number;
  readonly count: number;
  readonly failAfter: number;
  readonly recoverAfter: number;
  /** From one summary to the next. */
  readonly report: number;
  /** Asked in this order; the first answer counts. */
  readonly probes: readonly Probe[];
}

/** Longest default of `timeout`. */
const TIMEOUT = 1000;

const REPORT = 300_000;

/** Milliseconds that a round may be late before a silent monitor counts as stuck. */
const GRACE = 5000;

/** What holds for one VIM: its own options, then those of the source, then the defaults. */
export function settingsOf(source: PingOptions, own: PingOptions = {}): Settings {
  const interval = own.interval ?? source.interval ?? 30_000;
  return {
    interval,
    timeout: own.timeout ?? source.timeout ?? defaultTimeout(interval),
    count: own.count ?? source.count ?? 1,
    failAfter: own.fail_after ?? source.fail_after ?? 3,
    recoverAfter: own.recover_after ?? source.recover_after ?? 1,
    report: own.report ?? source.report ?? REPORT,
    probes: [own.probe ?? source.probe ?? "icmp"].flat(),
  };
}

/** Milliseconds an answer may take where nobody said so. */
export function defaultTimeout(interval: number): number {
  return Math.min(TIMEOUT, interval / 3);
}

/** Milliseconds without a finished round after which the monitor counts as stuck. */
export function staleAfter({ interval, timeout, count }: Settings): number {
  return Math.max(3 * interval, interval + count * timeout + GRACE);
}
