import { CONTRACT, DEFINITION, type Definition, type DefinitionKind } from "../../plugin/index.ts";
import { objectKeys } from "../config/schema-walk.ts";

/** Keys that core itself validates beside a plugin's own. */
export const RESERVED_KEYS: Readonly<Record<"source" | "sink", readonly string[]>> = {
  source: ["type", "enabled", "labels", "group", "public"],
  sink: ["type", "enabled", "from", "delivery", "batch", "retry", "timeout"],
};

/** A definition that passed, or what is wrong with it. */
export type DefinitionCheck =
  | { readonly definition: Definition }
  | { readonly problem: string; readonly definition?: never };

/**
 * Checks what a plugin exports as default.
 * @param exported the default export; undefined when there is none
 * @param kind what is wanted
 * @returns the definition, or a sentence that says what is wrong and what to do
 */
export function checkDefinition(exported: unknown, kind: DefinitionKind): DefinitionCheck {
  const define =
    kind === "source" ? "defineSource" : kind === "sink" ? "defineSink" : `the ${kind}'s define function`;
  const candidate = unwrap(exported);
  if (candidate === undefined) return { problem: `it has no default export: export what ${define} returns` };
  if (!isDefinition(candidate))
    return { problem: `its default export is no ${kind}: export what ${define} returns` };
  const found = candidate[DEFINITION];
  if (found !== kind) return { problem: `it is a ${found}, but a ${kind} is wanted here` };
  if (candidate.contract !== CONTRACT)
    return {
      problem: `it asks for contract ${String(candidate.contract)}, but this lifeguard speaks contract ${CONTRACT}: ${
        candidate.contract > CONTRACT ? "update lifeguard" : "update the plugin"
      }`,
    };
  const { config } = candidate as Definition & { config?: unknown };
  const keys = objectKeys(config);
  if (keys === undefined)
    return { problem: "its config is not a schema of an object: write z.object({ … })" };
  const reserved = RESERVED_KEYS[kind as "source" | "sink"]?.filter((key) => keys.has(key)) ?? [];
  if (reserved.length > 0)
    return {
      problem: `its config declares ${reserved.map((key) => `"${key}"`).join(", ")}, which lifeguard keeps for itself: rename ${
        reserved.length === 1 ? "the key" : "these keys"
      }`,
    };
  return { definition: candidate };
}

/** A CommonJS package compiled from `export default` wraps its export once more. */
function unwrap(exported: unknown): unknown {
  if (typeof exported !== "object" || exported === null || isDefinition(exported)) return exported;
  const inner = (exported as { default?: unknown }).default;
  return isDefinition(inner) ? inner : exported;
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && DEFINITION in value;
}
