import type { Json, Measure, Status } from "../../plugin/index.ts";
import { TEXT_LIMIT, WORD_LIMIT } from "./limits.ts";
import { looksLikeNagios, parseNagiosOutput } from "./nagios-output.ts";
import type { RunEnd, RunResult } from "./runner.ts";
import { signalNumber } from "./signal-names.ts";
import { parseSlaposOutput } from "./slapos-json.ts";
import type { Captured } from "./tail-buffer.ts";
import { firstCharacters, lastCharacters, printable, tellingLine } from "./text.ts";

/** How output and exit code are to be read. */
export type Mode = "auto" | "slapos" | "nagios";

/** What one run says. */
export interface Verdict {
  readonly status: Status;
  /** The word for people: `OK`, `BAD`, a promise's own, or Nagios's four. */
  readonly state: string;
  /** The word of status.json: `OK`, `BAD`, or the promise's own when it exited with 0. */
  readonly word: string;
  /** Why, at most the last 5,000 characters. Never empty. */
  readonly message: string;
  /** The same in one line. */
  readonly line: string;
  readonly description: string | undefined;
  /** What it wrote to standard error, at most the last 5,000 characters; undefined for nothing. */
  readonly error: string | undefined;
  /** Exit code, or minus the number of the signal that ended it; null when it never ran or was stopped. */
  readonly returncode: number | null;
  /** What else its JSON said. */
  readonly extras: Readonly<Record<string, Json>>;
  readonly measures: Readonly<Record<string, Measure>>;
  /** Says how much of the output was dropped; undefined when all was kept. */
  readonly truncated: string | undefined;
}

type Said = Pick<Verdict, "status" | "state" | "word"> & {
  readonly message: string;
  /** A reason of our own, put before or after what the promise said, which may be empty. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly description?: string | undefined;
  readonly extras?: Readonly<Record<string, Json>>;
  readonly measures?: Readonly<Record<string, Measure>>;
};

const BAD = { status: "critical", state: "BAD", word: "BAD" } as const;
const OK = { status: "ok", state: "OK", word: "OK" } as const;
const UNPRINTABLE = "what it wrote cannot be shown";
const NO_KEYS: Readonly<Record<string, never>> = Object.freeze({});
const NAGIOS: readonly Status[] = ["ok", "warning", "critical", "unknown"];

/**
 * Reads a run. The exit code decides between good and bad, and what the promise wrote can only make it worse: other than 0 is never ok,
 * and 0 is bad where the promise itself says so, or says something that cannot be read.
 *
 * What the promise does wrong (exit code, signal, its own timeout, an interpreter that is not there) is critical. What lifeguard could
 * not do is unknown; status.json knows only good and bad, and says BAD for both.
 *
 * @param id the promise's file name: `check_…` means a Nagios plugin in mode `auto`
 */
export function judge(run: RunResult, id: string, mode: Mode): Verdict {
  const said = read(run, id, mode);
  const truncated = droppedOf(run);
  const { before, after, message } = said;
  // The reason is never what falls off the end.
  const room = TEXT_LIMIT - (before ? before.length + 2 : 0) - (after ? after.length + 3 : 0);
  const own = lastCharacters(message.trim(), Math.max(0, room));
  const cut = own.length < message.trim().length || truncated !== undefined;
  const frame = (text: string) => {
    const start = before ? (text ? `${before}: ` : before) : "";
    return `${start}${text}${after ? (text ? ` (${after})` : after) : ""}`;
  };
  return {
    status: said.status,
    state: said.state,
    word: said.word,
    message: frame(own),
    line: printable(`${frame(tellingLine(own, cut))}${truncated ? ` [${truncated}]` : ""}`) || UNPRINTABLE,
    description: said.description === undefined ? undefined : lastCharacters(said.description, TEXT_LIMIT),
    error: lastCharacters(run.stderr.text.trim(), TEXT_LIMIT) || undefined,
    returncode: returncode(run.end),
    extras: said.extras ?? NO_KEYS,
    measures: { duration: { value: Math.round(run.duration * 1000) / 1000, unit: "ms" }, ...said.measures },
    truncated,
  };
}

function read(run: RunResult, id: string, mode: Mode): Said {
  const { end, stdout, stderr } = run;
  const written = stdout.text.trim() || stderr.text.trim();
  switch (end.kind) {
    case "refused":
      return { ...BAD, message: "", before: end.reason };
    case "impossible":
      return { status: "unknown", state: "UNKNOWN", word: "BAD", message: "", before: end.reason };
    case "stopped":
      return {
        status: "unknown",
        state: "UNKNOWN",
        word: "BAD",
        message: "",
        before: "stopped before it was through",
      };
    case "killed":
      return { ...BAD, message: written, before: `killed by ${end.signal}` };
    case "timeout": {
      const left = run.left ? ", and not even KILL ended it" : "";
      return { ...BAD, message: written, before: `no result within ${seconds(end.after)}: stopped${left}` };
    }
    case "exited":
      return mode === "nagios" ? nagios(end.code, run) : byOutput(end.code, run, id, mode);
  }
}

function byOutput(code: number, run: RunResult, id: string, mode: Mode): Said {
  const { stdout, stderr } = run;
  const output = parseSlaposOutput(stdout);
  if (output.kind === "object") return slapos(code, output.keys, stderr);
  if (mode === "auto" && (id.startsWith("check_") || looksLikeNagios(stdout.text))) return nagios(code, run);
  if (output.kind === "broken")
    return {
      ...BAD,
      before: output.why,
      message: stdout.text.trim(),
      after: code === 0 ? undefined : `exit code ${code}`,
    };
  const message = stdout.text.trim() || stderr.text.trim();
  if (message === "") return { ...(code === 0 ? OK : BAD), message: `exit code ${code}, no output` };
  return code === 0 ? { ...OK, message } : { ...BAD, message };
}

function slapos(code: number, keys: Readonly<Record<string, Json>>, stderr: Captured): Said {
  const { status, message, description, ...extras } = keys;
  const missing = stderr.text.trim() || `exit code ${code}, no message`;
  const text = (typeof message === "string" ? message.trim() : jsonText(message)) || missing;
  const rest = {
    message: text,
    extras,
    description: typeof description === "string" ? description : undefined,
  };
  if (code !== 0) {
    const contradiction = status === "OK" ? `exit code ${code} contradicts its status OK` : undefined;
    return { ...BAD, ...rest, after: contradiction };
  }
  if (status === undefined || status === "OK") return { ...OK, ...rest };
  if (status === "WARNING") return { status: "warning", state: status, word: status, ...rest };
  const word = typeof status === "string" ? firstCharacters(printable(status), WORD_LIMIT) : "";
  if (word !== "") return { status: "critical", state: word, word, ...rest };
  return {
    ...BAD,
    ...rest,
    after: `its status is no word: ${firstCharacters(jsonText(status) || "null", WORD_LIMIT)}`,
  };
}

/** A value that should have been a string, as text; empty for none. */
function jsonText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  try {
    return JSON.stringify(value);
  } catch {
    return "(nested too deeply to be shown)";
  }
}

function nagios(code: number, { stdout, stderr }: RunResult): Said {
  const { text, measures } = parseNagiosOutput(stdout.text);
  const status = NAGIOS[code];
  const message = text || stderr.text.trim() || `exit code ${code}, no output`;
  return {
    status: status ?? "critical",
    state: (status ?? "critical").toUpperCase(),
    word: code === 0 ? "OK" : "BAD",
    message,
    after:
      status === undefined && text + stderr.text.trim() !== ""
        ? `exit code ${code} is none of Nagios's`
        : undefined,
    measures,
  };
}

function returncode(end: RunEnd): number | null {
  if (end.kind === "exited") return end.code;
  return end.kind === "killed" ? -signalNumber(end.signal) : null;
}

function droppedOf({ stdout, stderr }: RunResult): string | undefined {
  const parts = [
    ["standard output", stdout],
    ["standard error", stderr],
  ] as const;
  const cut = parts.filter(([, { kept, total }]) => kept < total);
  if (cut.length === 0) return undefined;
  return cut
    .map(([name, { kept, total }]) => `${name} truncated: the last ${kept} of ${total} bytes were kept`)
    .join("; ");
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
