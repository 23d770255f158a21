import type { Resource } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";
import { type OpenFile, openResource } from "./resource-file.ts";

/** The files of an instance's web-folder that stand in place of ours; no other one does. */
export const OWN_FILES = ["index.html", "monitor.css", "monitor.js"] as const;

/** One of them. */
export type OwnFile = (typeof OWN_FILES)[number];

/**
 * Opens one of the files that an operator has put in place of ours, for the root of an instance. The bare root has that of its only
 * instance. Those who may only look are shown our own page of what is public.
 */
export async function openOwnFile(scope: Scope, name: OwnFile): Promise<OpenFile | undefined> {
  const resource = folderOf(scope);
  const opened = resource && (await openResource({ resource, rest: [name] }));
  if (opened?.kind === "file") return opened;
  await opened?.handle.close();
  return undefined;
}

/** Where those files are served that a root has of its own, by name. */
export async function ownFiles(scope: Scope): Promise<Partial<Record<OwnFile, string>>> {
  if (folderOf(scope) === undefined) return {};
  const found: Partial<Record<OwnFile, string>> = {};
  for (const name of OWN_FILES) {
    const opened = await openOwnFile(scope, name);
    await opened?.handle.close();
    if (opened) found[name] = `${scope.base}/${name}`;
  }
  return found;
}

function folderOf({ site, instance, descriptions }: Scope): Resource | undefined {
  if (!site.may("read", null)) return undefined;
  const [only, ...others] = site.instances().keys();
  const name = instance ?? (others.length === 0 ? only : undefined);
  return descriptions.get(name ?? "")?.resources?.find(({ replaces }) => replaces === "page");
}
