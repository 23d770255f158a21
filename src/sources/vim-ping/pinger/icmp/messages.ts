import type { SocketKind } from "./icmp-socket.ts";
import type { RoundBlock } from "./outbox.ts";
import type { TargetSpec } from "./target-table.ts";

/** What the thread is started with. */
export interface WorkerData {
  /** Word 0 is counted up and notified when there are orders; word 1 counts the blocks that were taken. */
  readonly signal: SharedArrayBuffer;
  readonly tally: SharedArrayBuffer;
}

/** What the thread is told. */
export type Order =
  | { readonly kind: "set"; readonly spec: TargetSpec; readonly address: string }
  | { readonly kind: "remove"; readonly index: number };

/** Orders come in bundles; `close` ends the thread. */
export type Orders = readonly Order[] | "close";

/** What the thread says. */
export type Report =
  | { readonly kind: "ready"; readonly socket: SocketKind; readonly reason: string }
  /** No socket could be had. `denied`: for want of privilege. */
  | { readonly kind: "refused"; readonly denied: boolean; readonly reason: string }
  | ({ readonly kind: "rounds" } & RoundBlock);
