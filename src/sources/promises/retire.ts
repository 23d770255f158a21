import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SourceContext } from "../../plugin/index.ts";
import { GLOBAL_FILE } from "./global-files.ts";
import type { InstanceRecord, InstanceRecords } from "./instance-record.ts";
import { removeResultFiles } from "./result-files.ts";
import { removeLog } from "./service-log.ts";
import { removeLinks } from "./trees.ts";

type Describe = Pick<SourceContext, "describe">;

/** Takes back all that an instance left on disk and told others, also one of an earlier lifeguard. */
export async function retireInstance(name: string, records: InstanceRecords, ctx: Describe): Promise<void> {
  const record = await records.get(name);
  ctx.describe(`instance/${name}`, null);
  if (!record) return;
  await removeLinks(record.links, new Set(record.roots));
  for (const [id, subject] of Object.entries(record.promises)) await retirePromise(id, subject, record, ctx);
  for (const folder of record.roots) await removeFile(join(folder, GLOBAL_FILE));
  if (record.halJson !== undefined) await removeFile(record.halJson);
  await records.delete(name);
}

/** Takes back all that a promise left on disk and told others. */
export async function retirePromise(
  id: string,
  subject: string,
  { publicFolder, logFolder }: InstanceRecord,
  ctx: Describe,
): Promise<void> {
  ctx.describe(subject, null);
  await removeResultFiles(publicFolder, id);
  await removeLog(join(logFolder, `${id}.log`));
}

/** Takes away files that an earlier monitor.conf had elsewhere. */
export async function tidyMoved(before: InstanceRecord, now: InstanceRecord): Promise<void> {
  if (before.halJson !== undefined && before.halJson !== now.halJson) await removeFile(before.halJson);
  if (before.publicFolder !== now.publicFolder)
    for (const id of Object.keys(before.promises)) await removeResultFiles(before.publicFolder, id);
  for (const folder of before.roots)
    if (!now.roots.includes(folder)) await removeFile(join(folder, GLOBAL_FILE));
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}
