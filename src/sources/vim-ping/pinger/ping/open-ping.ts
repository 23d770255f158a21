import type { PingerOptions } from "../port.ts";
import type { Refusal } from "../refusal.ts";
import { runProgram } from "../run-program.ts";
import { readPing } from "./ping-output.ts";
import { PingPinger } from "./ping-pinger.ts";

const LIMIT = 3000;
const TIMEOUT = 1000;

/** What everybody should know who is left with this. */
const WARNING = "one process a round: more than about 200 rounds a second are too many";

/** Looks whether the system's ping works here, by asking our own loopback address. @returns a pinger, or why there is none */
export async function openPing(options: PingerOptions): Promise<PingPinger | Refusal> {
  const version = await runProgram("ping", ["-V"], LIMIT);
  if (version.startError === "ENOENT") return { denied: false, reason: "ping is not installed" };
  const fractions = version.stdout.includes("iputils");
  const end = await runProgram("ping", ["-n", "-c", "1", "-W", "1", "127.0.0.1"], LIMIT);
  const { times, unmeasured, reason } = readPing(end, TIMEOUT);
  if (times.length > 0) return new PingPinger(`the system's ping works (${WARNING})`, fractions, options);
  return {
    denied: unmeasured === "privilege",
    reason: `ping: ${reason ?? "our own loopback address does not answer"}`,
  };
}
