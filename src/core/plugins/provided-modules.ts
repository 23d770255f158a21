import * as rxjs from "rxjs";
import * as operators from "rxjs/operators";
import * as zod from "zod";
import * as plugin from "../../plugin/index.ts";

/** Modules that plugin files get from lifeguard itself, wherever they lie, by the name they import. */
export type ProvidedModules = Readonly<Record<string, object>>;

/** What every plugin is given, so that `instanceof` and the identity of `Subject` and of schemas hold on both sides. */
export const PROVIDED: ProvidedModules = {
  "lifeguard/plugin": plugin,
  rxjs,
  "rxjs/operators": operators,
  zod,
};

const REGISTRY = Symbol.for("lifeguard.provided");
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

/** Makes modules reachable for the source text of `providedSource`. Later ones win. */
export function provide(modules: ProvidedModules): void {
  const shared = globalThis as { [REGISTRY]?: Record<string, object> };
  shared[REGISTRY] = { ...shared[REGISTRY], ...modules };
}

/** Whether a plugin that imports this name gets lifeguard's own module. */
export function isProvided(name: string): boolean {
  return Object.hasOwn(registry(), name);
}

/**
 * The text of an ES module that exports the live objects of a provided one again.
 * @param name one that `isProvided` knows
 */
export function providedSource(name: string): string {
  const names = Object.keys(registry()[name] as object).filter((key) => IDENTIFIER.test(key));
  // Export by alias, because an export may be named like a reserved word (`default`, zod's `null`).
  const exports = names.map(
    (key, index) => `const e${index} = m[${JSON.stringify(key)}]; export { e${index} as ${key} };`,
  );
  return `const m = globalThis[Symbol.for("lifeguard.provided")][${JSON.stringify(name)}];\n${exports.join("\n")}`;
}

function registry(): Record<string, object> {
  return (globalThis as { [REGISTRY]?: Record<string, object> })[REGISTRY] ?? {};
}
