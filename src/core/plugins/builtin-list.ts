/** Imports one built-in plugin when it is first needed. Its default export is the definition. */
export type BuiltinImport = () => Promise<{ readonly default: unknown }>;

/** The built-in plugins by name. They come from outside, because core must not know sources and sinks. */
export interface BuiltinList {
  readonly sources: Readonly<Record<string, BuiltinImport>>;
  readonly sinks: Readonly<Record<string, BuiltinImport>>;
}
