import type { Note } from "./note.ts";

/** One key of a section. */
export interface IniEntry {
  /** Comments stripped, continuation lines joined by a line break, nothing interpolated. */
  readonly value: string;
  /** 1-based line of the key. */
  readonly line: number;
}

/** What a `.conf` or `.cfg` file says. Section names as written, keys in lower case. */
export interface Ini {
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, IniEntry>>;
  readonly notes: readonly Note[];
}

const HEADER = /^\[(.*)\]$/;

/**
 * Reads the dialect of ini that SlapOS's files are written in. It never throws: what it cannot use, it leaves out and notes.
 *
 * - `key = value` or `key: value`, blanks around the sign at will; keys in any case.
 * - A line indented deeper than its key continues it, so that lists may stand on lines of their own and a whole file may be indented.
 * - A line that begins with `#` or `;` is a comment. So is the rest of a line after a blank and one of these signs; without the blank,
 *   as in a URL's fragment, they belong to the value.
 * - `%` and `$` mean nothing here. A byte order mark and any kind of line end are accepted.
 *
 * @param file named in the notes
 */
export function parseIni(text: string, file: string): Ini {
  const sections = new Map<string, Map<string, { value: string; line: number }>>();
  const notes: Note[] = [];
  let section: Map<string, { value: string; line: number }> | undefined;
  let entry: { value: string; line: number } | undefined;
  let indent = 0;
  const note = (line: number, message: string) => notes.push({ file, line, message });

  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const content = stripComment(raw).trim();
    if (content === "") continue;
    const depth = raw.length - raw.trimStart().length;
    if (entry && depth > indent) {
      entry.value = entry.value === "" ? content : `${entry.value}\n${content}`;
      continue;
    }
    entry = undefined;
    const header = HEADER.exec(content);
    if (header) {
      const name = (header[1] as string).trim();
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    const sign = content.search(/[=:]/);
    const key = content.slice(0, Math.max(0, sign)).trim();
    const value = content.slice(sign + 1).trim();
    if (key === "") note(line, `not understood, ignored: ${JSON.stringify(content.slice(0, 80))}`);
    else if (!section) note(line, `"${key}" stands before any [section], ignored`);
    else {
      if (section.has(key.toLowerCase())) note(line, `"${key}" is given again; this one counts`);
      entry = { value, line };
      indent = depth;
      section.set(key.toLowerCase(), entry);
    }
  }
  return { sections, notes };
}

/** The words of a value: lists stand on one line or on many, split at any blank. */
export function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}

function stripComment(line: string): string {
  return line.replace(/(^|\s)[#;].*$/, "");
}
