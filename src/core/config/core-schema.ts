import { z } from "zod";
import { duration, glob, path, size } from "../../plugin/fields.ts";
import { STATUSES } from "../../plugin/index.ts";
import { maintenanceWindow } from "./maintenance-schema.ts";
import { oneOrMany } from "./one-or-many.ts";

/** A count of at least one. */
function count(most = Number.MAX_SAFE_INTEGER) {
  return z.int({ error: "expected a whole number" }).min(1, "at least 1").max(most, `at most ${most}`);
}

/** Keys that core validates on every source, beside the plugin's own. */
export const sourceKeys = z.object({
  type: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The plugin: a built-in's name, a file (./my-source.ts) or a package. Without it, the instance's own name.",
    )
    .meta({ examples: ["promises", "./my-source.ts"] }),
  enabled: z.boolean().default(true).describe("false leaves this source out; it is still validated."),
  labels: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe("Labels added to every event of this source.")
    .meta({ examples: [{ team: "edge" }] }),
  group: z
    .string()
    .min(1)
    .optional()
    .describe("The heading under which the page lists what this source watches.")
    .meta({ examples: ["Edge sites"] }),
  public: z
    .boolean()
    .optional()
    .describe(
      "Whether what this source watches may be looked at without a login where one is asked for. Default: what the source says of each subject; promises are.",
    )
    .meta({ examples: [true] }),
});

/** A sink's subscription. */
const from = z
  .object({
    sources: oneOrMany(glob())
      .optional()
      .describe("Globs of source names.")
      .meta({ examples: [["promises"]] }),
    types: oneOrMany(glob())
      .optional()
      .describe(
        "Globs of event types. lifeguard.* and subject.* come only to who asks for them; database does for subject.retired unless told otherwise.",
      )
      .meta({ examples: [["promise.*"]] }),
    subjects: oneOrMany(glob())
      .optional()
      .describe("Globs of subjects.")
      .meta({ examples: [["vim/edge-*"]] }),
    status: oneOrMany(z.enum(STATUSES))
      .optional()
      .describe("Verdicts.")
      .meta({ examples: [["critical"]] }),
    labels: z
      .record(z.string().min(1), oneOrMany(glob()))
      .optional()
      .describe("Globs of label values by label name; all names must match.")
      .meta({ examples: [{ team: ["edge"] }] }),
    on: z
      .enum(["all", "change"])
      .default("all")
      .describe("change: only changes of status, recoveries included."),
  })
  .prefault({})
  .describe(
    "Which events it gets: AND across keys, OR within one. Without it, all but own health and descriptions.",
  );

/** Keys that core validates on every sink, beside the plugin's own. */
export const sinkKeys = z.object({
  type: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The plugin: a built-in's name, a file (./my-sink.ts) or a package. Without it, the instance's own name.",
    )
    .meta({ examples: ["web", "./my-sink.ts"] }),
  enabled: z.boolean().default(true).describe("false leaves this sink out; it is still validated."),
  from,
  delivery: z
    .enum(["durable", "live"])
    .optional()
    .describe(
      "durable keeps its place over restarts, live starts at the end. Without it, what the plugin says.",
    ),
  batch: z
    .object({
      max_events: count(100_000)
        .optional()
        .describe("Most events of one batch. Without it, what the plugin says: mostly 1000."),
      max_bytes: size()
        .optional()
        .describe("Most bytes of one batch. Without it, what the plugin says: mostly 1MiB."),
      max_wait: duration({ min: "0ms", max: "1h" })
        .prefault("200ms")
        .describe("How long an event waits for others to fill its batch."),
    })
    .prefault({})
    .describe("How events are gathered before they are written."),
  retry: z
    .object({
      initial: duration({ max: "1h" })
        .prefault("500ms")
        .describe("The first wait after a failure; it doubles, with jitter."),
      max: duration({ max: "1d" }).prefault("30s").describe("The longest wait."),
      max_attempts: count()
        .optional()
        .describe("After so many failures a batch becomes dead letters. Without it, retries go on."),
    })
    .prefault({})
    .describe("What happens when a write fails."),
  timeout: duration({ max: "1d" }).prefault("30s").describe("How long one write may take."),
});

const journal = z.object({
  sync: z
    .enum(["full", "normal"])
    .default("full")
    .describe("full survives the loss of power, normal only the death of the process."),
  max_age: duration().prefault("7d").describe("Events older than this go."),
  max_bytes: size().prefault("1GiB").describe("When the journal is larger than this, its oldest events go."),
  max_unread_bytes: size()
    .prefault("4GiB")
    .describe(
      "How far a durable sink may fall behind; beyond that its oldest unread events are dropped, and told.",
    ),
});

const limits = z.object({
  intake_queue: count().default(10_000).describe("Events that may wait for the journal."),
  intake_bytes: size().prefault("64MiB").describe("Bytes of events that may wait for the journal."),
  subjects: count().default(100_000).describe("Subjects on the board."),
  event_size: size().prefault("256KiB").describe("Largest event."),
  dead_letters: count().default(10_000).describe("Dead letters kept for each sink."),
  recent: count(1_000_000).default(10_000).describe("Recent events kept in memory."),
});

/** What a role names. */
const role = z.object({
  sources: oneOrMany(z.string()).optional().describe("Names of its sources. Without it, all."),
  sinks: oneOrMany(z.string()).optional().describe("Names of its sinks. Without it, all."),
});

/** The top level of monitors.yaml. What sources and sinks hold is validated one by one, each by its plugin. */
export const coreSchema = z.object({
  title: z
    .string()
    .min(1)
    .optional()
    .describe("What the page, the feed and the documents are called.")
    .meta({ examples: ["My platform"] }),
  data: path()
    .prefault("./data")
    .describe("The data directory, relative to this file: journal, state, control socket.")
    .meta({ examples: ["/var/lib/lifeguard"] }),
  journal: z
    .union([z.literal("memory"), journal])
    .prefault({})
    .describe("How the journal is kept; memory: not at all, for a sidecar without a disk."),
  limits: limits.prefault({}).describe("Bounds. What exceeds one is counted, and told by an event."),
  shutdown_timeout: duration({ max: "1h" }).prefault("20s").describe("How long stopping may take."),
  include: oneOrMany(z.string().min(1))
    .optional()
    .describe("Further files, or globs of them, relative to this one.")
    .meta({ examples: [["conf.d/*.yaml"]] }),
  sources: z.record(z.string(), z.unknown()).default({}).describe("What observes, by name."),
  sinks: z.record(z.string(), z.unknown()).default({}).describe("What delivers and serves, by name."),
  maintenance: z
    .array(maintenanceWindow)
    .max(1000)
    .default([])
    .describe(
      "Times, known beforehand, in which nobody is told about some subjects. They are watched all the same.",
    ),
  roles: z
    .record(z.string(), role)
    .default({})
    .describe("Named choices of sources and sinks, for lifeguard run --role.")
    .meta({ examples: [{ server: { sources: [], sinks: ["web"] } }] }),
});

/** The top level after validation. */
export type CoreSettings = z.output<typeof coreSchema>;
/** A source's core keys after validation. */
export type SourceKeys = z.output<typeof sourceKeys>;
/** A sink's core keys after validation. */
export type SinkKeys = z.output<typeof sinkKeys>;
