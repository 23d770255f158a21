import { resolve } from "node:path";
import { words } from "./ini.ts";
import { type Placeholders, substitute } from "./substitute.ts";

/**
 * The absolute paths of a list. It is split before the placeholders are filled in, so that an instance's folder may have blanks in its
 * name; a relative path counts from that folder, and a final slash means nothing.
 */
export function pathList(value: string | undefined, placeholders: Placeholders): string[] {
  return words(value ?? "").map((word) => resolve(placeholders.instance, substitute(word, placeholders)));
}
