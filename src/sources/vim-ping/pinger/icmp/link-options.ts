import type { EchoListener } from "./echo-link.ts";
import type { SocketKind } from "./icmp-socket.ts";
import type { Libc } from "./libc.ts";
import type { TargetTable } from "./target-table.ts";

/** What an ICMP link is made of. */
export interface LinkOptions {
  readonly libc: Libc;
  readonly fd: number;
  readonly family: 4 | 6;
  readonly kind: SocketKind;
  readonly table: TargetTable;
  /** Sixteen random bytes that mark our requests. */
  readonly token: Uint32Array;
  readonly listener: EchoListener;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}
