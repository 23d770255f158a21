import type { Status } from "./status.ts";

/** Where a component stands. `recoverable` is being retried, `permanent` needs a person. */
export type ComponentState = "starting" | "ok" | "recoverable" | "permanent" | "stopping" | "stopped";

/** One component and how it is. */
export interface ComponentHealth {
  /** `source/promises`, `sink/web`, `journal`, `config`. */
  readonly id: string;
  readonly kind: "source" | "sink" | "core";
  readonly state: ComponentState;
  readonly status: Status;
  /** Why it is not ok; empty otherwise. */
  readonly message: string;
  /** RFC 3339. */
  readonly since: string;
}

/** The health of this lifeguard itself, written directly by core, so that a full disk cannot hide it. */
export interface Health {
  components(): readonly ComponentHealth[];
  /** Whether every component was tried once, none has failed for good, and core's own are well: those that try again by themselves count as ready. */
  ready(): boolean;
  /** Errors of the last reload that was refused, printed; null when the running configuration is the one on disk. */
  configError(): string | null;
  /** Prometheus text of all metrics. */
  metrics(): Promise<string>;
}
