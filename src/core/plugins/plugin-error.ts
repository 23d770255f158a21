import { LifeguardError } from "../../plugin/index.ts";

/**
 * What can be wrong with a plugin: it is nowhere to be found, it does not load (syntax, missing import, throws), or what it exports is not
 * a definition that this lifeguard can run.
 */
export type PluginErrorCode = "PLUGIN_UNKNOWN" | "PLUGIN_MISSING" | "PLUGIN_BROKEN" | "PLUGIN_CONTRACT";

/** Where in the plugin's own files it is wrong, and whom to ask. */
interface PluginErrorDetails {
  /** Absolute path of the file that is wrong. Absent: only the reference is. */
  readonly file?: string | undefined;
  /** 1-based. */
  readonly line?: number | undefined;
  /** 1-based. */
  readonly column?: number | undefined;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
  /** Absolute paths whose change may repair it, those that do not exist yet included. */
  readonly files?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A plugin that cannot be used. Its position is that in the plugin's own file, never in monitors.yaml. */
export class PluginError extends LifeguardError {
  declare readonly code: PluginErrorCode;
  override readonly name = "PluginError";
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly suggestion: string | undefined;
  readonly files: readonly string[];

  constructor(code: PluginErrorCode, message: string, details: PluginErrorDetails = {}) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.suggestion = details.suggestion;
    this.files = details.files ?? [];
  }
}
