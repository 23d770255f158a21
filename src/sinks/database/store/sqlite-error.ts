import { dirname } from "node:path";
import { LifeguardError } from "../../../plugin/index.ts";

/** What a person can do about an error, by SQLite's result code. */
const ADVICE: Readonly<Record<number, string>> = {
  5: "another program has locked it, and it is tried again until that one lets go",
  8: "let this user write to the file and to its folder",
  11: "restore it, or move it away together with the files -wal and -shm beside it, and a new one is begun",
  14: "let this user read and write the file, and write to its folder, or name another file",
};

const NOT_A_DATABASE = 26;

/** An error of SQLite with its file, and what to do about it where that is known; others as they are. The code stays. */
export function named(error: unknown, path: string): unknown {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  if (!(error instanceof Error) || typeof errcode !== "number") return error;
  const advice = ADVICE[errcode & 0xff];
  const message = `${path}: ${error.message}${advice === undefined ? "" : `: ${advice}`}`;
  return Object.assign(new Error(message, { cause: error }), { errcode });
}

/** The same for one that stopped the opening of a database: a LifeguardError `CONFIG` where the file can never be one. */
export function explainedOpening(error: unknown, path: string): unknown {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown };
  if (code === "EEXIST" || code === "ENOTDIR")
    return final(`${dirname(path)} is no folder that ${path} could be in: name another file`, error);
  if (typeof errcode === "number" && (errcode & 0xff) === NOT_A_DATABASE)
    return final(`${path} is no database of SQLite: name another file, or move this one away`, error);
  return named(error, path);
}

function final(message: string, cause: unknown): LifeguardError {
  return new LifeguardError("CONFIG", message, { cause });
}
