import type { Change } from "./change.ts";

/** An append that waits for its commit. */
export interface Pending {
  readonly change: Change;
  resolve(): void;
  reject(reason: unknown): void;
}
