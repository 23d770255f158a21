import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../../plugin/index.ts";
import type { Outcome, Target } from "../target.ts";
import { MOST_FOR_MACHINES, type Telling, tellingJson } from "../telling.ts";

/** What is run. */
export interface ExecOptions {
  /** A path, or a name to be found in PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

/** So much of what it printed is kept, from the end: enough to say why it failed. */
const MOST_OUTPUT = 2000;
/** After a time-out it is asked to end, and so much later it is ended, milliseconds. */
const GRACE_MS = 2000;
/** How long its output is read after its end, milliseconds. */
const LAST_WORDS_MS = 500;
/** How lifeguard's own Node was started would change a program written for Node. */
const INTERNAL = /^(?:NODE_COMPILE_CACHE|NODE_CHANNEL_.*|NODE_UNIQUE_ID|npm_.*)$/;

/**
 * Tells by an executable, without a shell: the message is JSON on its standard input, the short parts are variables `LIFEGUARD_NOTIFY_…`.
 * Exit code 0 is told; any other, a signal or the time-out is tried again. At the time-out its whole process group is ended.
 */
export function execTarget({ command, args, timeout }: ExecOptions, clock: Clock): Target {
  return {
    name: command,
    most: MOST_FOR_MACHINES,
    closes: false,
    async tell(telling, _, signal): Promise<Outcome> {
      if (signal.aborted) return { kind: "failed", reason: "stopped" };
      let child: ChildProcess;
      try {
        child = spawn(command, args, { detached: true, env: environment(telling) });
        await once(child, "spawn");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { kind: "failed", reason: `cannot be run: ${reason}`, correctable: true };
      }
      return watch(child, telling, { timeout, clock, signal });
    },
    close() {},
  };
}

async function watch(
  child: ChildProcess,
  telling: Telling,
  { timeout, clock, signal }: { timeout: number; clock: Clock; signal: AbortSignal },
): Promise<Outcome> {
  const over = new AbortController();
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output = (output + chunk).slice(-MOST_OUTPUT);
    });
  // It may end without reading what it is told.
  child.stdin?.on("error", () => {});
  child.stdin?.end(`${JSON.stringify(tellingJson(telling))}\n`);
  let late = false;
  clock.setTimeout(
    () => {
      late = true;
      killGroup(child, "SIGTERM");
      clock.setTimeout(() => killGroup(child, "SIGKILL"), GRACE_MS, over.signal);
    },
    timeout,
    over.signal,
  );
  const stop = () => killGroup(child, "SIGKILL");
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { signal: over.signal });
  const closed = once(child, "close").catch(() => {});
  const [code, killedBy] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  over.abort();
  if (late) killGroup(child, "SIGKILL");
  // Its last words come a moment after its end. What it left behind may hold its output open for ever, and is not waited for.
  const heard = new AbortController();
  await Promise.race([closed, clock.sleep(LAST_WORDS_MS, heard.signal).catch(() => {})]);
  heard.abort();
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  if (code === 0 && !late) return { kind: "told" };
  const how = late
    ? `did not end within ${timeout} ms`
    : code === null
      ? `ended by ${killedBy}`
      : `exit code ${code}`;
  const said = output.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return { kind: "failed", reason: `${how}${said === "" ? "" : `: ${said.slice(-300)}`}` };
}

function killGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

function environment(telling: Telling): Record<string, string> {
  const { id, kind, title, status, count, url, sender, items } = telling;
  const [first] = items;
  const told = {
    ID: id,
    KIND: kind,
    TITLE: title,
    STATUS: status,
    COUNT: String(count),
    URL: url ?? "",
    SENDER: sender,
    SUBJECT: first?.subject ?? "",
    MESSAGE: first?.message ?? "",
    SINCE: first?.since ?? "",
    EPISODE: first?.episode ?? "",
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !INTERNAL.test(name)) environment[name] = value;
  for (const [name, value] of Object.entries(told))
    environment[`LIFEGUARD_NOTIFY_${name}`] = value.replaceAll("\0", "");
  return environment;
}
