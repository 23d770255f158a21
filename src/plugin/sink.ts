import type { z } from "zod";
import type { Authorize } from "./access.ts";
import type { Board } from "./board.ts";
import type { CommandSender } from "./command.ts";
import type { ComponentContext } from "./component-context.ts";
import { CONTRACT, DEFINITION, type Definition } from "./contract.ts";
import type { Envelope } from "./event.ts";
import type { Filter } from "./filter.ts";
import type { Health } from "./health.ts";
import type { History } from "./history.ts";
import type { Json } from "./json.ts";
import type { Silences } from "./silence.ts";
import type { OpenStream, ResumeToken } from "./stream.ts";

/** Durable: keeps its cursor over restarts. Live: starts at the end each time; while running it is as lossless. */
export type DeliveryMode = "durable" | "live";

/** A sink's small store. What `write` stages is written together with the cursor of that batch, so that both survive or neither. */
export interface SinkState {
  /** Reads what is staged or stored. */
  get(key: string): Promise<Json | undefined>;
  entries(prefix?: string): Promise<ReadonlyArray<readonly [key: string, value: Json]>>;
  /** Stages; null deletes. */
  set(key: string, value: Json): void;
  /**
   * Saves what was staged outside of a write, with the cursor where it stands: for a sink that acts by the clock, too. What a write under
   * way has staged still waits for its end, so `write` itself must not wait for this. Resolves when it is on disk.
   */
  flush(): Promise<void>;
}

/** What core gives a sink. */
export interface SinkContext extends ComponentContext {
  readonly board: Board;
  readonly health: Health;
  readonly commands: CommandSender;
  /** Asked by every sink that serves readers, for whatever it serves. */
  readonly authorize: Authorize;
  /** What nobody is to be told about now. */
  readonly silences: Silences;
  /** Streams for readers of a sink that serves. */
  readonly events: OpenStream;
  /** Its subscription, `from` in monitors.yaml. */
  readonly from: Filter;
  /** The position of the newest event that the board and `events` have seen. */
  position(): ResumeToken;
  readonly state: SinkState;
  /**
   * What happened before now: that of the first running sink that offers one. While none runs that `keepsHistory`, every query rejects with
   * the reason. Ask each time, as that sink may stop or start.
   */
  readonly history: History | undefined;
  /** The title of this lifeguard from monitors.yaml, if it has one. */
  readonly title: string | undefined;
  /** Where people reach the page of a sink that says where its is (`pageUrl`), without a final slash; that may change with a reload. */
  readonly pageUrl: string | undefined;
  /**
   * Says that it works on a trouble by itself, such as a far end that does not answer: its health shows it, and nothing is restarted. Null:
   * it is over. Failed writes are shown without it.
   */
  trouble(message: string | null): void;
}

/** A running sink. */
export interface Sink {
  /**
   * Delivers one batch, in journal order. Called again only after the previous call settled. Resolving acknowledges the batch.
   * A RetryableError (or any other error) brings back what it does not name as delivered, after a back-off; a PermanentError names the
   * events it refuses. `signal` aborts at the sink's `timeout` and at the shutdown deadline: give up and reject.
   */
  write?(batch: readonly Envelope[], signal: AbortSignal): Promise<void>;
  /** What it remembers, for other sinks and the command line. */
  readonly history?: History | undefined;
  /**
   * Tries the way to the far end on demand, as `lifeguard notify test` asks for, with something that says it is a test.
   * @returns what was done, one line for a person; rejects with why it could not be
   */
  test?(signal: AbortSignal): Promise<string>;
  /** Called once, also after a failed start of a neighbour. Background work has ended when it resolves. */
  close(): Promise<void>;
}

/** How many events a sink is given at once. */
export interface BatchLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** What an author writes. */
export interface SinkOptions<Config extends z.ZodType> {
  name: string;
  summary: string;
  /** The schema of the options in monitors.yaml, an object. */
  config: Config;
  /** The default of `delivery:`. Absent: durable. */
  delivery?: DeliveryMode;
  /** Where a new durable sink begins. Absent: end. */
  begin?: "end" | "oldest";
  /** The default of `from.types:`. Absent: all but `lifeguard.*` and `subject.*`, which come only to who names them. */
  types?: readonly string[];
  /** The defaults of `batch:`. Absent: 1000 events and 1 MiB. */
  batch?: BatchLimits;
  /** Whether it offers `history` while it runs: who reads it is then told why it cannot be read while it does not. Absent: no. */
  keepsHistory?: boolean;
  /** Where people reach the page that it serves, for the links of other sinks; undefined where its options do not say. Absent: it has none. */
  pageUrl?(config: z.output<Config>): string | undefined;
  contract?: number;
  /** Opens what the sink needs. A rejection is retried after a back-off; a LifeguardError with code `CONFIG` is final. */
  start(config: z.output<Config>, ctx: SinkContext): Sink | Promise<Sink>;
}

/** A sink as core sees it. */
export interface SinkDefinition extends Definition {
  readonly [DEFINITION]: "sink";
  readonly config: z.ZodType;
  readonly delivery: DeliveryMode;
  readonly begin: "end" | "oldest";
  readonly types: readonly string[] | undefined;
  readonly batch: BatchLimits;
  readonly keepsHistory: boolean;
  pageUrl(config: unknown): string | undefined;
  start(config: unknown, ctx: SinkContext): Sink | Promise<Sink>;
}

const BATCH: BatchLimits = { maxEvents: 1000, maxBytes: 2 ** 20 };

/**
 * Declares a sink. Pure: no network, no timer.
 * @returns the definition to export as default
 */
export function defineSink<Config extends z.ZodType>(options: SinkOptions<Config>): SinkDefinition {
  const { name, summary, config, contract = CONTRACT } = options;
  const { delivery = "durable", begin = "end", batch = BATCH, keepsHistory = false } = options;
  return Object.freeze({
    [DEFINITION]: "sink" as const,
    contract,
    name,
    summary,
    config,
    delivery,
    begin,
    types: options.types,
    batch,
    keepsHistory,
    pageUrl: (parsed: unknown) => options.pageUrl?.(parsed as z.output<Config>),
    start: (parsed: unknown, ctx: SinkContext) => options.start(parsed as z.output<Config>, ctx),
  });
}
