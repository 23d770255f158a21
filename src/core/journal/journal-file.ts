import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Clock, LifeguardError, type Logger } from "../../plugin/index.ts";
import { JournalReader } from "./reader.ts";
import { APPLICATION_ID, createSchema, type Identity, readIdentity, SCHEMA_VERSION } from "./schema.ts";
import { suspectMark } from "./suspect-mark.ts";

/** Files up to this size are checked page by page at every start; larger ones only when there is reason to. */
const CHECK_BELOW = 64 * 1024 * 1024;

/** SQLite's result codes that say something about the file's content: generic error (no such table), corrupt, not a database. */
const CONTENT_ERRORS = new Set([1, 11, 26]);

/** What the first look at a file finds. `origin` is what could be read of a file that cannot be used. */
type Finding =
  | { readonly kind: "new" }
  | { readonly kind: "good"; readonly identity: Identity }
  | { readonly kind: "bad"; readonly reason: string; readonly origin: string | null };

/** What the file is opened with. */
export interface FileOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The persistent id for a new journal, when one is known; else one is made by `newIdentity`. */
  newIdentity(salvagedOrigin: string | null): Identity;
}

/**
 * Makes sure that a usable journal is at the path. A damaged or foreign file is moved aside, with its log files, and never written to.
 * @returns who the journal is
 * @throws LifeguardError `JOURNAL_NEWER` when a newer lifeguard wrote it, `JOURNAL_OPEN` when the file system does not let it be opened
 */
export function prepareFile(path: string, options: FileOptions): Identity {
  const finding = look(path);
  if (finding.kind === "good") return finding.identity;
  let salvaged: string | null = null;
  if (finding.kind === "bad") {
    const aside = moveAside(path, options.clock);
    salvaged = finding.origin;
    options.log.error(
      `journal ${path} cannot be used: ${finding.reason}. It was moved to ${aside}, and a new journal begins; what it held is not lost, but no longer read`,
      { path, aside, reason: finding.reason },
    );
  } else if (isEmpty(path) && existsSync(`${path}-wal`)) moveAside(path, options.clock);
  return create(path, options.newIdentity(salvaged));
}

function create(path: string, identity: Identity): Identity {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    createSchema(database, identity);
    return identity;
  } catch (error) {
    throw cannotOpen(path, error);
  } finally {
    database?.close();
  }
}

function look(path: string): Finding {
  if (isEmpty(path)) return { kind: "new" };
  const hadLog = existsSync(`${path}-wal`);
  let database: DatabaseSync | undefined;
  try {
    // Read-only: closing such a connection leaves a foreign file exactly as it was.
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    return examine(database, path);
  } catch (error) {
    const code = ((error as { errcode?: number }).errcode ?? 1) & 0xff;
    if (error instanceof LifeguardError) throw error;
    if (!CONTENT_ERRORS.has(code)) throw cannotOpen(path, error);
    return { kind: "bad", reason: (error as Error).message, origin: salvageOrigin(database) };
  } finally {
    database?.close();
    // Looking at a database makes its log files, and a read-only connection cannot remove them again.
    if (!hadLog) for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  }
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function examine(database: DatabaseSync, path: string): Finding {
  const number = (pragma: string) =>
    Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n);
  const application = number("application_id");
  const version = number("user_version");
  // A process killed at its very first start leaves a database without tables: nothing is lost by using it.
  if (tables === 0 && application === 0 && version === 0) return { kind: "new" };
  if (application !== APPLICATION_ID)
    return { kind: "bad", reason: "it is a database of another program", origin: null };
  if (version > SCHEMA_VERSION)
    throw new LifeguardError(
      "JOURNAL_NEWER",
      `journal ${path} was written by a newer lifeguard (schema ${version}, this one knows ${SCHEMA_VERSION}): run that version, or give this one another data directory`,
    );
  const identity = readIdentity(database);
  const suspect = existsSync(suspectMark(path));
  if (suspect || statSync(path).size <= CHECK_BELOW) {
    const verdict = String(Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0]);
    if (verdict !== "ok")
      return { kind: "bad", reason: `it is damaged: ${verdict}`, origin: salvageOrigin(database) };
    if (suspect) rmSync(suspectMark(path), { force: true });
  }
  probe(database);
  return { kind: "good", identity };
}

/** Reads a little of everything. @throws when a table is missing or a row cannot be read */
function probe(database: DatabaseSync): void {
  const reader = new JournalReader(database);
  const range = reader.range();
  if (range) {
    reader.after(range.oldest - 1, range.oldest, 1, 1);
    reader.after(range.head - 1, range.head, 1, 1);
  }
  reader.subjects();
  reader.cursors();
}

function salvageOrigin(database: DatabaseSync | undefined): string | null {
  try {
    return database ? readIdentity(database).origin : null;
  } catch {
    return null;
  }
}

/** Renames the file and its logs, so that the three can still be opened together. @returns the new path */
function moveAside(path: string, clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const base = `${path}.corrupt-${time}`;
  let aside = base;
  for (let count = 2; existsSync(aside); count++) aside = `${base}-${count}`;
  for (const suffix of ["-wal", "-shm", ""])
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  rmSync(suspectMark(path), { force: true });
  return aside;
}

function cannotOpen(path: string, cause: unknown): LifeguardError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LifeguardError(
    "JOURNAL_OPEN",
    `journal ${path} cannot be opened: ${reason}; check the folder's permissions and the room on its disk`,
    { cause },
  );
}
