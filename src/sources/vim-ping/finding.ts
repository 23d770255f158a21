import type { VimError } from "./events.ts";
import type { Probe } from "./settings.ts";

/** What one round found out about a VIM. */
export interface Finding {
  readonly outcome: "answer" | "miss" | "unmeasured";
  readonly probe: Probe;
  /** Monotonic milliseconds: when the round began, as far as is known, and when its outcome was. */
  readonly began: number;
  readonly ended: number;
  /** The address that was asked; null where there was none. */
  readonly address: string | null;
  readonly sent: number;
  /** Round-trip times in milliseconds, one an answer. */
  readonly times: readonly number[];
  /** Why it says nothing about the VIM; null where it does. */
  readonly error: VimError | null;
  /** What an ICMP error, or the system, said; null for plain silence. */
  readonly reason: string | null;
  /** Status code of an HTTP answer. */
  readonly code: number | undefined;
}
