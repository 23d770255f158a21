import { basename, extname } from "node:path";
import { isMap, LineCounter, parseDocument, type Scalar } from "yaml";
import type { Settings } from "./settings.ts";
import { parseTarget, type Target } from "./target.ts";
import { isVimName, type Vim } from "./vim.ts";

/** Kinds of VIMs that Tacker knows. */
const TYPES = ["openstack", "kubernetes"];

/** What is wrong with a file: `edge.yaml:3: …`. It never repeats what stands there, which may be a password. */
export class VimFileError extends Error {
  override readonly name = "VimFileError";
}

/**
 * Reads a VIM configuration file of Tacker. Only name, type and auth_url are looked at; what stands beside them, credentials above all, is
 * not kept.
 * @param file its path, for its name and for messages
 * @throws VimFileError
 */
export function parseVimFile(file: string, text: string, settings: Settings): Vim {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number | undefined, message: string): never => {
    const line = offset === undefined ? 1 : lines.linePos(offset).line;
    throw new VimFileError(`${file}:${line}: ${message}`);
  };
  const [broken] = document.errors;
  if (broken) fail(broken.pos[0], `not valid YAML (${broken.code.toLowerCase().replaceAll("_", " ")})`);
  const map = document.contents;
  if (!isMap(map)) return fail(map?.range?.[0], "expected keys and values, auth_url among them");

  const textAt = (key: string): { value: string; offset: number | undefined } | undefined => {
    const node = map.get(key, true) as Scalar | undefined;
    if (node === undefined || node.value === null) return undefined;
    const offset = node.range?.[0];
    if (typeof node.value !== "string") return fail(offset, `${key} is not a text`);
    return { value: node.value, offset };
  };
  const url = textAt("auth_url") ?? fail(map.range?.[0], "auth_url is missing");
  const type = textAt("type");
  if (type && !TYPES.includes(type.value)) fail(type.offset, `type is neither ${TYPES.join(" nor ")}`);
  const named = textAt("name");
  const name = named?.value ?? basename(file, extname(file));
  if (!isVimName(name)) fail(named?.offset, "not a name: 1 to 200 characters, control characters excepted");
  let target: Target;
  try {
    target = parseTarget(url.value);
  } catch (error) {
    return fail(url.offset, `auth_url: ${(error as Error).message}`);
  }
  return { subject: `vim/${name}`, name, type: type?.value ?? "openstack", target, settings };
}
