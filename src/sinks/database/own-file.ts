import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ComponentContext } from "../../plugin/index.ts";

const NAME = "history.db";

/**
 * The file of a sink that names none: `history.db` in the data directory. One that an earlier version kept in the sink's own folder is moved
 * there, where there is none yet.
 * @throws LifeguardError `CONFIG` where another sink has it; Error while another program reads the file that is to be moved
 */
export function ownFile(ctx: Pick<ComponentContext, "dataFile" | "dataDir" | "log">): string {
  const path = ctx.dataFile(NAME);
  const before = join(ctx.dataDir(), NAME);
  if (existsSync(path) || !existsSync(before)) return path;
  // What a crash has left in the write-ahead log goes into the file when the last one who has it open closes it.
  const database = new DatabaseSync(before);
  database.exec("select count(*) from sqlite_master");
  database.close();
  if (existsSync(`${before}-wal`))
    throw new Error(`${before} is to become ${path}, but another program has it open: close that one`);
  renameSync(before, path);
  ctx.log.info(`the history has moved to ${path}`);
  return path;
}
