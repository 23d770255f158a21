import type { Status } from "../../../plugin/index.ts";
import { textOf } from "./text.ts";

/** What a status file says. */
export interface FileStatus {
  readonly status: Status;
  readonly message: string;
  readonly since: string | null;
}

/**
 * SlapOS's word as a verdict. Anything but exactly `OK` is bad, and so is a missing word; `WARNING` (2016 and later) is the milder one.
 */
export function verdictOfWord(word: string | undefined): Status {
  if (word === "OK") return "ok";
  return word === "WARNING" ? "warning" : "critical";
}

/**
 * Reads a promise's status file of any version of SlapOS's monitor: `status` (2015 to 2017), or `result.failed` (2018 and later).
 * @param text its content, which may be cut off or empty: then it is bad, and the message says so
 */
export function parseStatusFile(text: string): FileStatus {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { status: "critical", message: "its status file is not JSON", since: null };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { status: "critical", message: "its status file is not a JSON object", since: null };
  const file = parsed as Record<string, unknown>;
  const since = sinceOf(file["change-time"]);
  const { status, message, result } = file;
  if (typeof status === "string")
    return { status: verdictOfWord(status), message: messageOf(message, status), since };
  if (typeof result === "object" && result !== null) {
    const { failed, message: told } = result as Record<string, unknown>;
    const verdict = failed === false ? "ok" : "critical";
    const fallback = typeof failed === "boolean" ? verdict : "its result does not say whether it failed";
    return { status: verdict, message: messageOf(told, fallback), since };
  }
  return { status: "critical", message: messageOf(message, "its status file has no status"), since };
}

function messageOf(message: unknown, fallback: string): string {
  return textOf(message) ?? fallback;
}

/** `change-time` is in seconds since the epoch. */
function sinceOf(seconds: unknown): string | null {
  if (typeof seconds !== "number" || !(seconds > 0 && seconds < 1e11)) return null;
  return new Date(seconds * 1000).toISOString();
}
