import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Resource, Schedule } from "../../plugin/index.ts";
import { discover } from "./discover.ts";
import { lockName, sharedLockFolder } from "./lock-place.ts";
import { type MonitorConf, parseMonitorConf } from "./monitor-conf.ts";
import type { Note } from "./note.ts";
import type { Place } from "./places.ts";
import { plainName } from "./plain-name.ts";
import type { PromiseSpec } from "./promise.ts";
import { NO_CFG, parseServiceCfg, type ServiceCfg } from "./service-cfg.ts";
import type { LinkList } from "./trees.ts";

/** What everything of a source has in common and a look at its files needs. */
export interface SurveySettings {
  /** When a promise without a frequency of its own runs. */
  readonly schedule: Schedule;
  readonly timezone: string | undefined;
  /** Absolute path; undefined: the instance's folder. */
  readonly workingDirectory: string | undefined;
  /** Where files go that no monitor.conf has a place for; absolute, of this instance alone. */
  readonly dataFolder: string;
}

/** A promise, and what else its `.cfg` says. */
export interface Surveyed {
  readonly spec: PromiseSpec;
  /** What a web sink may show of this machine under the promise. */
  readonly resources: readonly Resource[];
}

/** What an instance's files say at one moment. */
export interface Survey {
  readonly title: string | undefined;
  readonly rootTitle: string | undefined;
  readonly promises: ReadonlyMap<string, Surveyed>;
  /** Whether something could not be read, so that what is missing here is not for certain gone. */
  readonly incomplete: boolean;
  readonly related: readonly string[];
  /** What a web sink may show of this machine under the instance. */
  readonly resources: readonly Resource[];
  readonly publicFolder: string;
  readonly privateFolder: string | undefined;
  readonly pidFolder: string;
  readonly logFolder: string;
  readonly halJson: string | undefined;
  /** The links that should be there. */
  readonly lists: readonly LinkList[];
  readonly notes: readonly Note[];
}

/** Reads everything about an instance; what is wrong becomes a note, or a promise that fails and says why. Never throws. */
export async function survey(place: Place, settings: SurveySettings): Promise<Survey> {
  const notes: Note[] = [];
  const conf = await readConf(place, notes);
  const folders = place.directories.length > 0 ? place.directories : place.usual;
  const found = await discover(folders);
  const real = await realFolders(folders);
  notes.push(...found.notes);
  const publicFolder = conf.publicFolder ?? join(settings.dataFolder, "public");
  const shared = conf.pidFolder === undefined ? await sharedLockFolder() : undefined;
  const pidFolder = conf.pidFolder ?? shared ?? join(settings.dataFolder, "pid");
  if (conf.pidFolder === undefined && shared === undefined)
    notes.push({
      file: pidFolder,
      message:
        "locks go here, since /tmp has no folder for them that is lifeguard's alone: other lifeguards do not see them",
    });
  const logFolder = join(settings.dataFolder, "log");
  const lists = rootLists(place, conf);

  const promises = new Map<string, Surveyed>();
  const spec = (id: string, file: string, cfg: ServiceCfg, refused: string | undefined): PromiseSpec => ({
    id,
    subject: place.prefix + id,
    file,
    title: cfg.title,
    schedule:
      cfg.frequency === undefined ? settings.schedule : { cron: cfg.frequency, timezone: settings.timezone },
    refused,
    workingDirectory: settings.workingDirectory ?? place.folder,
    publicFolder,
    lockFile: join(
      pidFolder,
      shared === undefined ? `${id}.pid` : lockName(real(dirname(file)), basename(file)),
    ),
    logFile: join(logFolder, `${id}.log`),
  });
  const cfgs = await Promise.all([...found.promises.values()].map((promise) => readCfg(promise, place)));
  for (const [index, { id, file, cfg: from, refused }] of [...found.promises.values()].entries()) {
    const cfg = cfgs[index] as ServiceCfg;
    notes.push(...cfg.notes);
    promises.set(id, {
      spec: spec(id, file, cfg, refused),
      resources: [...resources(cfg), ...ownLog(logFolder, id, cfg)],
    });
    if (from === undefined) continue;
    if (conf.publicFolder) lists.push({ folder: join(conf.publicFolder, id), paths: cfg.publicPaths, from });
    if (conf.privateFolder)
      lists.push({ folder: join(conf.privateFolder, id), paths: cfg.privatePaths, from });
  }
  const troubles = unreadable(place, conf, found.unreadable);
  for (const [file, reason] of troubles) {
    const id = plainName(basename(file));
    if (promises.has(id)) notes.push({ file, message: reason });
    else promises.set(id, { spec: spec(id, file, NO_CFG, reason), resources: [] });
  }
  return {
    title: conf.title,
    rootTitle: conf.rootTitle,
    promises,
    incomplete: troubles.size > 0,
    related: conf.related,
    resources: [...resources(conf), ...webFolder(conf)],
    publicFolder,
    privateFolder: conf.privateFolder,
    pidFolder,
    logFolder,
    halJson: conf.halJson ?? (conf.webFolder && join(conf.webFolder, "monitor.haljson")),
    lists,
    notes,
  };
}

/** Where folders really lie, without links; those that cannot be found lie where they are. */
async function realFolders(folders: readonly string[]): Promise<(folder: string) => string> {
  const known = new Map<string, string>();
  await Promise.all(
    folders.map(async (folder) => known.set(resolve(folder), await realpath(folder).catch(() => folder))),
  );
  return (folder) => known.get(folder) ?? folder;
}

type Conf = MonitorConf & { readonly unreadable?: string };

async function readConf({ monitorConf, folder }: Place, notes: Note[]): Promise<Conf> {
  const nothing = parseMonitorConf("[monitor]", "", folder);
  if (monitorConf === undefined) return nothing;
  try {
    const conf = parseMonitorConf(await readFile(monitorConf, "utf8"), monitorConf, folder);
    notes.push(...conf.notes);
    return conf;
  } catch (error) {
    return { ...nothing, unreadable: (error as Error).message };
  }
}

async function readCfg(
  { id, cfg }: { readonly id: string; readonly cfg: string | undefined },
  { folder }: Place,
): Promise<ServiceCfg> {
  if (cfg === undefined) return NO_CFG;
  try {
    return parseServiceCfg(await readFile(cfg, "utf8"), cfg, { instance: folder, service: id });
  } catch (error) {
    return { ...NO_CFG, notes: [{ file: cfg, message: `cannot be read: ${(error as Error).message}` }] };
  }
}

function rootLists({ monitorConf }: Place, conf: MonitorConf): LinkList[] {
  const lists: LinkList[] = [];
  const from = monitorConf ?? "";
  if (conf.publicFolder) lists.push({ folder: conf.publicFolder, paths: conf.publicPaths, from });
  if (conf.privateFolder) lists.push({ folder: conf.privateFolder, paths: conf.privatePaths, from });
  return lists;
}

function resources({
  publicPaths,
  privatePaths,
}: Pick<ServiceCfg, "publicPaths" | "privatePaths">): Resource[] {
  const all = [
    ...publicPaths.map((path) => ({ path, open: true })),
    ...privatePaths.map((path) => ({ path, open: false })),
  ];
  const seen = new Set<string>();
  return all.flatMap(({ path, open }) => {
    const name = basename(path);
    const key = `${open} ${name}`;
    if (name === "" || seen.has(key)) return [];
    seen.add(key);
    return [{ name, path, public: open }];
  });
}

/** The promise's log, unless its `.cfg` has something of that name. */
function ownLog(folder: string, id: string, { privatePaths }: ServiceCfg): Resource[] {
  const name = `${id}.log`;
  return privatePaths.some((path) => basename(path) === name)
    ? []
    : [{ name, path: join(folder, name), public: false }];
}

/** The folder of the seed's own page, which asked for a password: what an operator puts there stands in place of ours. */
function webFolder({ webFolder: path }: MonitorConf): Resource[] {
  return path === undefined ? [] : [{ name: "web", path, public: false, replaces: "page" }];
}

/** What could not be read and must not go unseen, by file. */
function unreadable(place: Place, conf: Conf, folders: ReadonlyMap<string, string>): Map<string, string> {
  const troubles = new Map<string, string>();
  if (conf.unreadable !== undefined)
    troubles.set(
      place.monitorConf as string,
      `the instance's monitor.conf cannot be read: ${conf.unreadable}`,
    );
  for (const folder of place.directories) {
    const error = folders.get(folder);
    if (error !== undefined) troubles.set(folder, `the promise folder cannot be read: ${error}`);
  }
  const [first] = place.usual;
  if (place.directories.length === 0 && first !== undefined) {
    const broken = place.usual.filter((folder) => folders.has(folder));
    const present = broken.filter((folder) => !folders.get(folder)?.startsWith("ENOENT"));
    for (const folder of present)
      troubles.set(folder, `the promise folder cannot be read: ${folders.get(folder)}`);
    if (broken.length === place.usual.length && present.length === 0)
      troubles.set(
        first,
        `there is no promise folder: neither ${place.usual.map((f) => basename(f)).join(" nor ")} in ${dirname(first)}`,
      );
  }
  return troubles;
}
