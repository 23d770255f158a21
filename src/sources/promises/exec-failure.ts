import { open, stat } from "node:fs/promises";
import type { RunEnd, RunRequest } from "./runner.ts";

/** Errors that say something about lifeguard's own means, not about the promise. */
const OWN: Readonly<Record<string, string>> = {
  EMFILE: "lifeguard has no file handle left",
  ENFILE: "the machine has no file handle left",
  EAGAIN: "the machine allows no more processes",
  ENOMEM: "the machine has no memory left",
  EPERM: "lifeguard may not do so",
};

const BROKEN: Readonly<Record<string, string>> = {
  EACCES:
    "permission denied: lifeguard's user may not execute it, or not its interpreter, or the file system is mounted noexec",
  ENOEXEC:
    "the system does not know how to execute it: its first line should be #! and the path of an interpreter, such as #!/bin/sh",
  ELOOP: "its path is a circle of symbolic links",
  ETXTBSY: "somebody is writing to it",
  EISDIR: "it, or its interpreter, is a folder",
  ENOTDIR: "a part of its path is no folder",
  ENAMETOOLONG: "its path is too long",
  E2BIG: "its environment is too large",
};

/**
 * Says why an executable could not be started: as a fault of the promise, or as something that lifeguard could not do.
 * @param code the errno's name
 */
export async function execFailure(
  code: string,
  request: Pick<RunRequest, "file" | "workingDirectory">,
): Promise<RunEnd> {
  const own = OWN[code];
  if (own !== undefined) return { kind: "impossible", reason: `could not be run: ${own} (${code})` };
  const reason =
    (code === "ENOENT" && (await whatIsMissing(request))) ||
    (BROKEN[code] ?? "the system refused to execute it");
  return { kind: "refused", reason: `could not be executed: ${reason} (${code})`, errno: code };
}

/** ENOENT may mean the file, the interpreter in its first line, or the folder it should run in. */
async function whatIsMissing({
  file,
  workingDirectory,
}: Pick<RunRequest, "file" | "workingDirectory">): Promise<string> {
  if (!(await exists(file))) return "the file is not there";
  if (!(await exists(workingDirectory))) return `its working directory ${workingDirectory} is not there`;
  const interpreter = await interpreterOf(file);
  if (interpreter === undefined) return "its loader, or something else it needs, is not there";
  const shown = JSON.stringify(interpreter).slice(1, -1);
  return interpreter.endsWith("\r")
    ? `its interpreter ${shown} is not there: the file has line ends of Windows`
    : `its interpreter ${shown} is not there`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What the `#!` line names; undefined without one. */
async function interpreterOf(file: string): Promise<string | undefined> {
  const head = await readHead(file, 256);
  return /^#![ \t]*([^ \t\n]+)/.exec(head.toString("utf8"))?.[1];
}

/** The first bytes of a file; none where it cannot be read. */
export async function readHead(file: string, length: number): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  }
}
