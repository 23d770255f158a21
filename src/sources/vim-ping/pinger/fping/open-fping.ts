import type { PingerOptions } from "../port.ts";
import type { Refusal } from "../refusal.ts";
import { runProgram } from "../run-program.ts";
import { FpingPinger } from "./fping-pinger.ts";

const LIMIT = 3000;

/**
 * Looks whether fping works here, by asking our own loopback address: without privilege, version 5.1 reports all as lost.
 * @returns a pinger, or why there is none
 */
export async function openFping(options: PingerOptions): Promise<FpingPinger | Refusal> {
  const { code, startError, stdout, stderr } = await runProgram(
    "fping",
    ["-c1", "-t", "1000", "127.0.0.1"],
    LIMIT,
  );
  if (startError === "ENOENT") return { denied: false, reason: "fping is not installed" };
  if (startError !== null)
    return { denied: startError === "EPERM" || startError === "EACCES", reason: `fping: ${startError}` };
  if (code === 0 && stdout.includes("64 bytes"))
    return new FpingPinger("fping answers for loopback", options);
  if (code === 4) return { denied: true, reason: `fping: ${stderr.trim().split("\n").at(-1) ?? ""}` };
  return {
    denied: code === 1,
    reason: "fping reports loopback as lost, as version 5.1 does without privilege",
  };
}
