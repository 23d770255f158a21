import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeLog, ServiceLog } from "../../../../src/sources/promises/service-log.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";

it("has a line for each change of status, and for each new reason of a bad one", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "p.log");
  const log = new ServiceLog(path);
  const results = [
    ["OK", "load 1"],
    ["OK", "load 2"],
    ["BAD", "load 9"],
    ["BAD", "load 9"],
    ["BAD", "load 10"],
    ["OK", "load 3"],
  ] as const;
  for (const [second, [word, message]] of results.entries())
    await log.add({ date: `T${second}`, word, message });
  expect(readFileSync(path, "utf8").split("\n")).toEqual([
    "T0 - INFO - OK - load 1",
    "T2 - ERROR - BAD - load 9",
    "T4 - ERROR - BAD - load 10",
    "T5 - INFO - OK - load 3",
    "",
  ]);
});

it("is bounded, also over restarts, and goes away whole", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "p.log");
  for (let start = 0; start < 3; start++) {
    const log = new ServiceLog(path);
    for (let count = 0; count < 400; count++)
      await log.add({ date: "T", word: "BAD", message: `${count} ${"x".repeat(500)}` });
  }
  expect(readdirSync(folder.path).sort()).toEqual(["p.log", "p.log.1"]);
  for (const name of readdirSync(folder.path))
    expect(statSync(join(folder.path, name)).size).toBeLessThan(130 * 1024);
  await removeLog(path);
  expect(readdirSync(folder.path)).toEqual([]);
});
