import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What a word after `type:` (or in a module reference) names. */
export type PluginReference =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "nonsense" };

const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?:\/[A-Za-z0-9._~/-]+)?$/;

/**
 * Tells paths from package names. Built-in names are looked up before, so they never come here.
 * @param baseDirectory absolute folder that relative paths and packages are looked up from
 */
export function parsePluginReference(reference: string, baseDirectory: string): PluginReference {
  if (reference.startsWith("file:")) {
    try {
      return { kind: "file", path: fileURLToPath(reference) };
    } catch {
      return { kind: "nonsense" };
    }
  }
  if (reference.startsWith("./") || reference.startsWith("../") || isAbsolute(reference))
    return { kind: "file", path: resolve(baseDirectory, reference) };
  return PACKAGE.test(reference) ? { kind: "package", name: reference } : { kind: "nonsense" };
}
