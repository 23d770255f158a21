import { basename, dirname, join } from "node:path";
import type { PromisesConfig } from "./config.ts";
import { plainName } from "./plain-name.ts";

/** One instance, before anything of it was read: a set of promises with a monitor.conf or without. */
export interface Place {
  /** Name on the page and in subjects. */
  readonly name: string;
  /** What its subjects begin with: `promise/` or `promise/<instance>/`. */
  readonly prefix: string;
  /** Root of its URLs: empty, or `/m/<instance>`. */
  readonly base: string;
  readonly monitorConf: string | undefined;
  /** What `$instance` stands for. */
  readonly folder: string;
  /** Promise folders that must be there. */
  readonly directories: readonly string[];
  /** Promise folders of which one should be there; used when `directories` is empty. */
  readonly usual: readonly string[];
}

type Where = Pick<PromisesConfig, "directory" | "monitor_conf" | "instance">;

/** The only instance of a source without a glob; it is called like the source. */
export function onlyPlace(name: string, { directory, monitor_conf: conf, instance }: Where): Place {
  const directories = directory === undefined ? [] : [directory].flat();
  const folder = instance ?? (conf === undefined ? folderAbove(directories[0] ?? "") : folderOf(conf));
  return {
    name,
    prefix: "promise/",
    base: "",
    monitorConf: conf,
    folder,
    directories,
    usual: usualFolders(conf),
  };
}

/**
 * The instances of a glob, by the paths of their monitor.conf. Each is called like the folder above its `etc/`; where two of them are
 * called the same, the second has a part of its path's folder added.
 */
export function placesOf(confs: readonly string[]): Place[] {
  const names = new Set<string>();
  return [...confs].sort().map((conf) => {
    const folder = folderOf(conf);
    let name = plainName(basename(folder));
    for (let above = dirname(folder); names.has(name) && above !== dirname(above); above = dirname(above))
      name = `${plainName(basename(above))}-${name}`;
    names.add(name);
    return {
      name,
      prefix: `promise/${name}/`,
      base: `/m/${encodeURIComponent(name)}`,
      monitorConf: conf,
      folder,
      directories: [],
      usual: usualFolders(conf),
    };
  });
}

/** The folder above the `etc/` that holds a monitor.conf; elsewhere the one that holds it. */
function folderOf(conf: string): string {
  const folder = dirname(conf);
  return basename(folder) === "etc" ? dirname(folder) : folder;
}

/** The folder above the `etc/` that holds a promise folder; elsewhere the promise folder itself. */
function folderAbove(directory: string): string {
  const above = dirname(directory);
  return basename(above) === "etc" ? dirname(above) : directory;
}

function usualFolders(conf: string | undefined): string[] {
  return conf === undefined ? [] : ["monitor-promise", "promise"].map((name) => join(dirname(conf), name));
}
