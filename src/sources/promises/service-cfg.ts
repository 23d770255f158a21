import { cronProblem } from "../../plugin/index.ts";
import { parseIni, words } from "./ini.ts";
import { TITLE_LIMIT } from "./limits.ts";
import type { Note } from "./note.ts";
import { pathList } from "./path-list.ts";
import type { Placeholders } from "./substitute.ts";
import { firstCharacters, printable } from "./text.ts";

/** What a promise's `.cfg` says. Paths are absolute. */
export interface ServiceCfg {
  readonly title: string | undefined;
  /** Five valid cron fields. */
  readonly frequency: string | undefined;
  readonly publicPaths: readonly string[];
  readonly privatePaths: readonly string[];
  readonly notes: readonly Note[];
}

/** `cgi-path-list` is known and not served. */
const KNOWN = new Set(["title", "frequency", "public-path-list", "private-path-list", "cgi-path-list"]);

/** What holds for a promise that has no `.cfg`. */
export const NO_CFG: ServiceCfg = {
  title: undefined,
  frequency: undefined,
  publicPaths: [],
  privatePaths: [],
  notes: [],
};

/**
 * Reads a promise's `.cfg`; it never throws. A frequency that is no valid cron expression is noted and left out, so that the promise
 * still runs, as often as the source's others.
 * @param file named in the notes
 */
export function parseServiceCfg(text: string, file: string, placeholders: Placeholders): ServiceCfg {
  const ini = parseIni(text, file);
  const notes: Note[] = [...ini.notes];
  const section = ini.sections.get("service");
  if (!section) notes.push({ file, message: "there is no [service] section: defaults are used" });
  for (const [key, { line }] of section ?? [])
    if (!KNOWN.has(key)) notes.push({ file, line, message: `unknown key "${key}", ignored` });

  const value = (key: string) => section?.get(key)?.value || undefined;
  let frequency = value("frequency");
  frequency &&= words(frequency).join(" ");
  const problem = frequency === undefined ? undefined : cronProblem(frequency);
  if (problem) {
    notes.push({
      file,
      line: section?.get("frequency")?.line,
      message: `frequency: ${problem}; the source's own is used`,
    });
    frequency = undefined;
  }
  return {
    title: titleOf(value("title")),
    frequency,
    publicPaths: pathList(value("public-path-list"), placeholders),
    privatePaths: pathList(value("private-path-list"), placeholders),
    notes,
  };
}

/** The seed's template writes values as Python literals: `'Kvm log parse'`, with an `u` in front from an old one. */
function titleOf(text: string | undefined): string | undefined {
  const title = text?.replaceAll("\n", " ").replace(/^u?(["'])(.+)\1$/, "$2");
  return title === undefined ? undefined : firstCharacters(printable(title), TITLE_LIMIT);
}
