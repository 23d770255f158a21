import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { childrenCpu } from "./cpu.ts";

/** Some pings, and what they cost. */
export interface Turn {
  /** CPU microseconds of one ping. */
  readonly cost: number;
  /** Round-trip times in milliseconds; NaN for what was lost. */
  readonly times: Float64Array;
}

/** Whether fping is installed; says so loudly where it is not. */
export function hasFping(): boolean {
  const here = spawnSync("fping", ["-v"]).status === 0;
  if (!here)
    console.log("SKIPPED: the comparison with fping, which is not installed (apt-get install fping)");
  return here;
}

/**
 * Two fping processes, half of the addresses each, since one cannot do ten thousand at 1 s.
 * @param gap milliseconds between two requests of one process: 0 is a burst
 * @param rounds requests to each address, one a second
 */
export async function twoFpings(addresses: readonly string[], gap: number, rounds: number): Promise<Turn> {
  const before = childrenCpu();
  const half = Math.ceil(addresses.length / 2);
  const outputs = await Promise.all([
    fping(addresses.slice(0, half), gap, rounds),
    fping(addresses.slice(half), gap, rounds),
  ]);
  const cpu = childrenCpu() - before;
  const times = outputs.flatMap((text) =>
    text
      .trim()
      .split("\n")
      .flatMap((line) => (line.split(" : ")[1] ?? "").split(" ").map(Number)),
  );
  return { cost: cpu / (addresses.length * rounds), times: Float64Array.from(times) };
}

async function fping(addresses: readonly string[], gap: number, rounds: number): Promise<string> {
  const child = spawn("fping", ["-C", `${rounds}`, "-q", "-p", "1000", "-i", `${gap}`], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  child.stdin.end(addresses.join("\n"));
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`fping ended with ${code}: ${text.slice(-200)}`);
  return text;
}

/** The cost of the turn that was disturbed least. */
export function least(turns: readonly Turn[]): number {
  return Math.min(...turns.map(({ cost }) => cost));
}
