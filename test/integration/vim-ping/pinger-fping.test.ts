import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { networkPair } from "../../servers/netns.ts";
import { until } from "../../support/until.ts";
import { PingerProcess } from "./pinger-process.ts";

/** Process ids of the fpings that a process has started and that still run. */
function fpingsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/comm`, "utf8").trim() === "fping");
}

it("several fpings ask more targets than one can, and one that dies is started again", async (context) => {
  if (spawnSync("fping", ["-v"]).status !== 0) context.skip("SKIPPED: fping is not installed");
  const { near } = networkPair(context);
  const pinger = new PingerProcess(near.prefix, "fping");
  expect(await pinger.report("open")).toMatchObject({ backend: "fping" });
  // One fping numbers 65,535 requests in ten seconds, and ends when it runs out.
  const targets = Array.from({ length: 7000 }, (_, index) => ({
    id: `${index}`,
    address: `127.10.${index >> 8}.${index & 255}`,
    interval: 1000,
  }));
  pinger.set(...targets);
  const heard = () => new Set(pinger.rounds.map(({ id }) => id)).size;
  await until("all to be heard of", () => heard() === targets.length, 60_000);
  expect(pinger.rounds.filter(({ received }) => received === 0)).toEqual([]);
  const [first, ...others] = fpingsOf(pinger.pid);
  expect(others).toHaveLength(1);
  process.kill(first as number, "SIGKILL");
  await until("another in its place", () => fpingsOf(pinger.pid).filter((pid) => pid !== first).length === 2);
  pinger.rounds.length = 0;
  await until("all to be heard of again", () => heard() === targets.length, 60_000);
});
