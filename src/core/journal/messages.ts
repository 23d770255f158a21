import type { Slice } from "./slice.ts";
import type { Footprint, Pruned, StoreOptions } from "./store.ts";

/** What the writer thread is started with. */
export interface WriterData extends StoreOptions {
  readonly path: string;
  /** Only for tests and benches: every commit takes so many milliseconds longer, as a slow disk's does. */
  readonly commitDelay: number;
}

/** What the writer thread is told. Slices make up a group, `commit` ends it; after a failure everything is ignored until `reset`. */
export type WriterRequest =
  | { readonly kind: "slice"; readonly slice: Slice }
  | { readonly kind: "commit"; readonly now: number }
  | { readonly kind: "reset" }
  | { readonly kind: "maintain"; readonly now: number }
  | { readonly kind: "pin"; readonly sinks: ReadonlySet<string>; readonly now: number }
  | { readonly kind: "close" };

/** What the writer thread says. */
export type WriterReport =
  | { readonly kind: "ready"; readonly footprint: Footprint }
  | { readonly kind: "committed"; readonly footprint: Footprint }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "pruned"; readonly footprint: Footprint; readonly drops: Pruned["drops"] }
  | { readonly kind: "closed" };
