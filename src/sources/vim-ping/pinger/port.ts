/** An address to ask, round after round. */
export interface PingTarget {
  /** The asker's own name for it; unique within a pinger. */
  readonly id: string;
  /** A literal IPv4 or IPv6 address (with a zone where it is link-local); names are the asker's business. */
  readonly address: string;
  /** Milliseconds from the beginning of one round to the beginning of the next; at least 10. */
  readonly interval: number;
  /** Milliseconds that each echo request has; at most the interval. */
  readonly timeout: number;
  /** Echo requests of one round, sent one after the other; at most 32. A round that lasts beyond the next one's time takes its place. */
  readonly count: number;
  /**
   * After a round without a single reply the next one begins at once, not at the interval, until so many rounds in a row were missed. So
   * `confirm` misses take `confirm` × `timeout`. 1 never hurries. The backend `fping` cannot hurry.
   */
  readonly confirm: number;
}

/** Why a round says nothing about its target. */
export type Unmeasured = "privilege" | "backend" | "stall" | "own-network";

/** What one round found. */
export interface PingRound {
  readonly id: string;
  readonly sent: number;
  /** Distinct replies in time, from the right address, with our token. */
  readonly received: number;
  /** Round-trip times in milliseconds, one a reply, in order of sending. */
  readonly times: readonly number[];
  /**
   * Set when the round says nothing about the target: it must read unknown, never unreachable. One round with `stall` and nothing sent stands
   * for all that went by while the pinger was held up.
   */
  readonly unmeasured: Unmeasured | null;
  /** What an ICMP error or the system said: `host unreachable from 192.0.2.1`; null for plain silence. */
  readonly reason: string | null;
}

/** What was heard that is no answer to a question still open. */
export interface PingCounters {
  readonly sent: number;
  readonly received: number;
  /** Replies after their time. */
  readonly late: number;
  readonly duplicate: number;
  /** Echo replies to somebody else's questions. */
  readonly foreign: number;
  /** With our token, but from another address or with a payload that we never sent. */
  readonly forged: number;
  /** Rounds that the pinger itself was too late for. */
  readonly stalled: number;
}

/** Asks many addresses by ICMP echo, each in its own rhythm. Targets may come and go while it runs. */
export interface Pinger {
  /** `icmp-datagram`, `icmp-raw`, `fping`, `ping`. */
  readonly backend: string;
  /** Why this backend and not a better one, in words for the log. */
  readonly reason: string;
  /**
   * Adds a target, or replaces the one of the same id; its first round begins within one interval, spread among the others.
   * @throws LifeguardError `PING_TARGET` when it is no target at all: a name for an address, a timeout beyond the interval
   */
  set(target: PingTarget): void;
  remove(id: string): void;
  counters(): PingCounters;
  /** Ends everything: thread, sockets, children. Resolves within a second. */
  close(): Promise<void>;
}

/** What a pinger is opened with. */
export interface PingerOptions {
  /** Told of each finished round; may set and remove targets. Must not throw. */
  onRound(round: PingRound): void;
  /** Told when the backend itself fails for good; every target reads unknown until a new pinger is opened. */
  onFailure(error: Error): void;
  /** Forces a backend; for tests, and for whoever knows better. */
  readonly backend?: "icmp" | "fping" | "ping" | undefined;
}
