import type { BatchLimits, Filter, SinkDefinition } from "../../plugin/index.ts";
import { contentHash } from "./content-hash.ts";
import type { CoreSettings, SinkKeys } from "./core-schema.ts";
import type { DeliveryOptions, JournalOptions, Limits, MaintenanceWindow, Position } from "./model.ts";

/** How the journal is kept, in core's own names. Without a disk, the bounds are those of the defaults. */
export function journalOptions(journal: CoreSettings["journal"], memory: boolean): JournalOptions {
  const inMemory = memory || journal === "memory";
  const kept = journal === "memory" ? MEMORY : journal;
  return {
    memory: inMemory,
    sync: kept.sync,
    maxAge: kept.max_age,
    maxBytes: kept.max_bytes,
    maxUnreadBytes: kept.max_unread_bytes,
  };
}

/** What a sink subscribes to: its `from`, with the types that its plugin asks for where that says none. */
export function subscription(from: Filter = {}, { types }: Pick<SinkDefinition, "types">): Filter {
  return { ...from, types: from.types ?? types };
}

/** Without a disk the journal lives in memory, which is dearer. */
const MEMORY: Exclude<CoreSettings["journal"], "memory"> = {
  sync: "normal",
  max_age: 3_600_000,
  max_bytes: 64 * 2 ** 20,
  max_unread_bytes: 64 * 2 ** 20,
};

/** Core's bounds, in its own names. */
export function limitsOf(limits: CoreSettings["limits"]): Limits {
  return {
    intakeQueue: limits.intake_queue,
    intakeBytes: limits.intake_bytes,
    subjects: limits.subjects,
    eventBytes: limits.event_size,
    deadLetters: limits.dead_letters,
    recent: limits.recent,
  };
}

/** A sink's way of delivery, in core's own names. @param limits of the plugin, where its user says nothing */
export function deliveryOptions({ batch, retry, timeout }: SinkKeys, limits: BatchLimits): DeliveryOptions {
  return {
    batch: {
      maxEvents: batch.max_events ?? limits.maxEvents,
      maxBytes: batch.max_bytes ?? limits.maxBytes,
      maxWait: batch.max_wait,
    },
    retry: {
      initial: retry.initial,
      max: Math.max(retry.initial, retry.max),
      maxAttempts: retry.max_attempts ?? Number.POSITIVE_INFINITY,
    },
    timeout,
  };
}

/** The maintenance windows, in core's own names. What is written twice counts once. @param places where each of them is defined */
export function maintenanceWindows(
  windows: CoreSettings["maintenance"],
  places: readonly Position[],
): readonly MaintenanceWindow[] {
  const made = windows.map(
    ({ subjects = ["*"], labels, why, from, until, schedule, timezone, for: length }, at) => {
      const when =
        schedule === undefined
          ? { from: from as number, until: until as number }
          : { schedule, timezone, for: length as number };
      const content = { subjects, labels, why, when };
      return { id: contentHash(content).slice(0, 8), place: places[at] as Position, ...content };
    },
  );
  return [...new Map(made.map((window) => [window.id, window])).values()];
}
