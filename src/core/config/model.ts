import type { DeliveryMode, Filter, SinkDefinition, SourceDefinition } from "../../plugin/index.ts";

/** A place in a file, 1-based, as editors count. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a configuration. */
export interface Problem extends Position {
  /** Stable: `CFG012`. */
  readonly code: string;
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
  /** How many characters the caret underlines. */
  readonly length: number;
}

/** How the journal is kept. Sizes in bytes, times in milliseconds. */
export interface JournalOptions {
  readonly memory: boolean;
  readonly sync: "full" | "normal";
  readonly maxAge: number;
  readonly maxBytes: number;
  /** How far a durable sink may fall behind before its oldest unread events are dropped, and told. */
  readonly maxUnreadBytes: number;
}

/** Every other bound of core. */
export interface Limits {
  /** Events of Observables that may wait for the journal. */
  readonly intakeQueue: number;
  readonly intakeBytes: number;
  readonly subjects: number;
  readonly eventBytes: number;
  readonly deadLetters: number;
  /** Events that the board's ring and the readers share in memory. */
  readonly recent: number;
}

/** One source as monitors.yaml has it. */
export interface SourceInstance {
  readonly name: string;
  /** The word after `type:`: a built-in's name, a path or a package. */
  readonly type: string;
  readonly definition: SourceDefinition;
  /** The schema's output. */
  readonly config: unknown;
  readonly labels: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  /** Whether its subjects may be looked at without a login; undefined: as they are described. */
  readonly public: boolean | undefined;
  /** Equal hashes mean that nothing about this instance changed: values, referenced files, the plugin's own files. */
  readonly hash: string;
  readonly position: Position;
}

/** What every sink's `batch`, `retry` and `timeout` say. */
export interface DeliveryOptions {
  readonly batch: { readonly maxEvents: number; readonly maxBytes: number; readonly maxWait: number };
  readonly retry: { readonly initial: number; readonly max: number; readonly maxAttempts: number };
  readonly timeout: number;
}

/** One sink as monitors.yaml has it. */
export interface SinkInstance {
  readonly name: string;
  readonly type: string;
  readonly definition: SinkDefinition;
  readonly config: unknown;
  readonly from: Filter;
  readonly mode: DeliveryMode;
  readonly delivery: DeliveryOptions;
  readonly hash: string;
  readonly position: Position;
}

/** A stretch of time, known beforehand, in which nobody is told about some subjects. */
export interface MaintenanceWindow {
  /** Of its content: equal ids mean equal windows. */
  readonly id: string;
  /** Where it is defined. */
  readonly place: Position;
  /** Globs of subjects. */
  readonly subjects: readonly string[];
  /** Label name to globs of values; all names must match. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly why: string;
  /** Once, in milliseconds since the epoch; or again and again: cron fields, an IANA time zone (absent: the machine's), milliseconds. */
  readonly when:
    | { readonly from: number; readonly until: number }
    | { readonly schedule: string; readonly timezone?: string | undefined; readonly for: number };
}

/** A whole, valid configuration, for one role. */
export interface Config {
  readonly file: string;
  readonly title: string | undefined;
  /** Absolute; the data directory. */
  readonly dataDirectory: string;
  readonly role: string;
  readonly journal: JournalOptions;
  readonly limits: Limits;
  readonly shutdownTimeout: number;
  readonly sources: ReadonlyMap<string, SourceInstance>;
  readonly sinks: ReadonlyMap<string, SinkInstance>;
  readonly maintenance: readonly MaintenanceWindow[];
  /** Names of all sources and sinks that the file has, also of other roles and disabled ones. */
  readonly declared: { readonly sources: ReadonlySet<string>; readonly sinks: ReadonlySet<string> };
  /** Absolute paths whose change means a reload: the file, its includes, referenced files, plugin files and their neighbours. */
  readonly watched: readonly string[];
  /** Values to redact wherever text leaves the process. */
  readonly secrets: ReadonlySet<string>;
  /** Of all contents that went into it. */
  readonly hash: string;
}

/** What loading a configuration gives: all of it, or everything that is wrong with it. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** What need not be wrong, but mostly is. */
      readonly notices: readonly Problem[];
      /** Texts of the files that notices stand in, by absolute path. */
      readonly texts: ReadonlyMap<string, string>;
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly watched: readonly string[];
      /** Of all contents that went into it: equal hashes mean the same problems. */
      readonly hash: string;
      /** What need not be wrong, but mostly is. */
      readonly notices: readonly Problem[];
      /** Texts of the files that problems and notices stand in, by absolute path. */
      readonly texts: ReadonlyMap<string, string>;
    };
