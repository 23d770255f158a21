import { resolve } from "node:path";
import { withoutLogin } from "../../plugin/index.ts";
import { type IniEntry, parseIni, words } from "./ini.ts";
import type { Note } from "./note.ts";
import { pathList } from "./path-list.ts";
import { substitute } from "./substitute.ts";

/** What a `monitor.conf` says. Paths are absolute. */
export interface MonitorConf {
  readonly title: string | undefined;
  /** Title of the whole that the instance is a part of. */
  readonly rootTitle: string | undefined;
  readonly halJson: string | undefined;
  readonly publicFolder: string | undefined;
  readonly privateFolder: string | undefined;
  readonly webFolder: string | undefined;
  readonly pidFolder: string | undefined;
  readonly publicPaths: readonly string[];
  readonly privatePaths: readonly string[];
  /** Related monitors as written, but without logins: some are no valid URL. */
  readonly related: readonly string[];
  readonly notes: readonly Note[];
}

/** Keys that mean nothing here, but that files of some version of SlapOS rightly have. */
const ELSEWHERE = new Set(
  `cgi-folder crond-folder service-executable-dir template-service-run webdav-folder base-url parameter-list
   parameter-file-path pid-file promise-output-file document-folder promise-executor-path`.split(/\s+/),
);

const KNOWN = new Set(
  `title root-title monitor-hal-json public-folder private-folder web-folder service-pid-folder public-path-list private-path-list
   monitor-url-list`.split(/\s+/),
);

/**
 * Reads a `monitor.conf`; it never throws.
 * @param file named in the notes
 * @param instance absolute path that `$instance` stands for
 */
export function parseMonitorConf(text: string, file: string, instance: string): MonitorConf {
  const ini = parseIni(text, file);
  const notes: Note[] = [...ini.notes];
  const section = ini.sections.get("monitor");
  if (!section) notes.push({ file, message: "there is no [monitor] section: defaults are used" });
  for (const [key, { line }] of section ?? [])
    if (!KNOWN.has(key) && !ELSEWHERE.has(key))
      notes.push({ file, line, message: `unknown key "${key}", ignored` });

  const value = (key: string) => section?.get(key)?.value || undefined;
  const folder = (key: string) => {
    const text = value(key);
    return text === undefined ? undefined : resolve(instance, substitute(text, { instance }));
  };
  return {
    title: value("title")?.replaceAll("\n", " "),
    rootTitle: value("root-title")?.replaceAll("\n", " "),
    halJson: folder("monitor-hal-json"),
    publicFolder: folder("public-folder"),
    privateFolder: folder("private-folder"),
    webFolder: folder("web-folder"),
    pidFolder: folder("service-pid-folder"),
    publicPaths: pathList(value("public-path-list"), { instance }),
    privatePaths: pathList(value("private-path-list"), { instance }),
    related: related(section?.get("monitor-url-list"), file, notes),
    notes,
  };
}

/** A login in a URL would be told to whoever reads the documents made of it. */
function related(list: IniEntry | undefined, file: string, notes: Note[]): readonly string[] {
  const urls = words(list?.value ?? "");
  const clean = urls.map(withoutLogin);
  if (list && clean.some((url, index) => url !== urls[index]))
    notes.push({
      file,
      line: list.line,
      message:
        "a login in a URL of monitor-url-list is left out: write it, by reference, under related of the web sink",
    });
  return clean;
}
