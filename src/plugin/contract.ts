/** The version of the plugin contract that this lifeguard speaks. A definition that names another one is refused at load. */
export const CONTRACT = 1;

/** The mark on what the define functions return. It is global, so that it holds across copies of this module. */
export const DEFINITION: unique symbol = Symbol.for("lifeguard.definition") as never;

/** What kind of definition a plugin file's default export is; any other word is a module kind of some source, such as `connector`. */
export type DefinitionKind = "source" | "sink" | (string & {});

/** What every definition has in common. */
export interface Definition {
  readonly [DEFINITION]: DefinitionKind;
  /** The contract version the author wrote against; 1 unless said. */
  readonly contract: number;
  readonly name: string;
  readonly summary: string;
}
