/** One life of a component: from a start to its stop. A restart gets a new one. */
export interface Scope {
  readonly signal: AbortSignal;
  /** Registers teardown; called last-registered first after `signal` aborted, and waited for. */
  onStop(teardown: () => void | Promise<void>): void;
}
