import type { Observable } from "rxjs";
import type { z } from "zod";
import type { CommandRegistry } from "./command.ts";
import type { ComponentContext } from "./component-context.ts";
import { CONTRACT, DEFINITION, type Definition } from "./contract.ts";
import type { Description } from "./description.ts";
import type { EventDraft, ForeignDraft } from "./event.ts";
import type { Json } from "./json.ts";
import type { Monitors } from "./monitor.ts";

/** A small durable key-value store of one instance. A draft's `checkpoint` writes here in the event's transaction. */
export interface State {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  delete(key: string): Promise<void>;
  /** All entries whose key begins with the prefix, by key. */
  entries(prefix?: string): Promise<ReadonlyArray<readonly [key: string, value: Json]>>;
}

/** What `accept` did. */
export interface Accepted {
  /** Events now in the journal. */
  readonly accepted: number;
  /** Events that the journal held already, by id. */
  readonly duplicates: number;
}

/** What core gives a source. */
export interface SourceContext extends ComponentContext {
  /**
   * Emits like the Observable, but resolves when the journal holds the events: back-pressure, and the moment to acknowledge upstream.
   * `foreign` takes whole events of another lifeguard: id, time, origin and source stay, and what was seen before is dropped.
   * @throws LifeguardError `EVENT_INVALID` when a draft breaks the contract (none of them is taken then); the signal's reason on stop
   */
  accept(drafts: readonly EventDraft[]): Promise<Accepted>;
  accept(events: readonly ForeignDraft[], options: { foreign: true }): Promise<Accepted>;
  readonly state: State;
  readonly monitors: Monitors;
  /** Says what people read about a subject; null retires it everywhere. Saying the same again costs nothing. */
  describe(subject: string, description: Description | null): void;
  readonly commands: CommandRegistry;
}

/** What `start` may return: a stream of events, or nothing when the source emits through `ctx` alone. */
// biome-ignore lint/suspicious/noConfusingVoidType: a start function without a return statement has this type
export type Started = Observable<EventDraft> | void;

/** What an author writes. */
export interface SourceOptions<Config extends z.ZodType> {
  /** The plugin's name, kebab-case. */
  name: string;
  /** One line for `lifeguard plugins` and the reference page. */
  summary: string;
  /** The schema of the options in monitors.yaml, an object. Its output is what `start` is given. */
  config: Config;
  /** What it may emit: the types, or each type with the schema of its data. */
  events: readonly string[] | Readonly<Record<string, z.ZodType>>;
  contract?: number;
  /**
   * Called once for each instance. It returns quickly; connecting may fail and is retried by core after a back-off. Teardown is
   * unsubscription, `ctx.signal` and `ctx.onStop`. Completing means stopped, an error means restart. A restart is a new call.
   */
  start(config: z.output<Config>, ctx: SourceContext): Started | Promise<Started>;
}

/** A source as core sees it. */
export interface SourceDefinition extends Definition {
  readonly [DEFINITION]: "source";
  readonly config: z.ZodType;
  readonly events: ReadonlyMap<string, z.ZodType | null>;
  start(config: unknown, ctx: SourceContext): Started | Promise<Started>;
}

/**
 * Declares a source. Pure: no network, no timer.
 * @returns the definition to export as default
 */
export function defineSource<Config extends z.ZodType>(options: SourceOptions<Config>): SourceDefinition {
  const { name, summary, config, events, contract = CONTRACT } = options;
  return Object.freeze({
    [DEFINITION]: "source" as const,
    contract,
    name,
    summary,
    config,
    events: new Map<string, z.ZodType | null>(
      Array.isArray(events) ? events.map((type) => [type, null]) : Object.entries(events),
    ),
    start: (parsed: unknown, ctx: SourceContext) => options.start(parsed as z.output<Config>, ctx),
  });
}
