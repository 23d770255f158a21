import type { z } from "zod";

/** Who emits: one life of a source instance, as intake sees it. */
export interface IntakeSource {
  /** The instance's name in monitors.yaml. */
  readonly name: string;
  /** The persistent id of this lifeguard. */
  readonly origin: string;
  /** What monitors.yaml adds to the labels of its events; an event's own win. */
  readonly labels: Readonly<Record<string, string>>;
  /** What it may emit, each with the schema of its data; null for any JSON. */
  readonly events: ReadonlyMap<string, z.ZodType | null>;
  /** Its life: an `accept` that waits is given up when it aborts. */
  readonly signal: AbortSignal;
}

/** On whose behalf a draft comes: the source itself, core for one of its monitors and subjects, or another lifeguard through the source. */
export type Emitter = "source" | "core" | "foreign";
