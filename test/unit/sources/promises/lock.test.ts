import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { takeLock } from "../../../../src/sources/promises/lock.ts";
import { removeOwnerFile } from "../../../../src/sources/promises/owner-file.ts";
import { BOOT, identify } from "../../../../src/sources/promises/process-identity.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { script } from "./executable.ts";

let folder: ReturnType<typeof temporaryFolder>;
let count = 0;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder[Symbol.dispose]());

const newPath = () => join(folder.path, `${count++} a%b#.pid`);
const take = (path: string, patience = 0, executable = "/none") =>
  takeLock({ path, executable, patience, signal: new AbortController().signal });
const lines = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim());

/** A process that lives until the test is over. */
async function sleeper(): Promise<number> {
  const child = spawn("sleep", ["60"]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child, "spawn");
  return child.pid as number;
}

/** The number of a process that has ended. */
async function dead(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid as number;
}

const file = (...fields: Array<string | number>) => `${fields.join("\n")}\n`;
const startOf = (pid: number) => identify(pid)?.start ?? "";

it("a lock is held until it is given back, and its file is a pid file", async () => {
  const path = newPath();
  const lock = await take(path);
  if ("heldBy" in lock) throw new Error("held");
  expect(lines(path).slice(0, 3)).toEqual([String(process.pid), startOf(process.pid), BOOT]);
  expect(await take(path)).toMatchObject({ heldBy: process.pid, orphan: false });

  const promise = await sleeper();
  lock.holdFor(promise);
  await expect.poll(() => lines(path).slice(0, 2)).toEqual([String(promise), startOf(promise)]);
  expect(lines(path)[3]).toBe(String(process.pid));
  expect(await take(path)).toMatchObject({ heldBy: process.pid, orphan: false });

  await lock.release();
  expect(existsSync(path)).toBe(false);
  expect(await take(path)).not.toHaveProperty("heldBy");
});

it("who waits gets it as soon as it is free", async () => {
  const path = newPath();
  const lock = await take(path);
  if ("heldBy" in lock) throw new Error("held");
  const waiting = take(path, 10_000);
  await lock.release();
  expect(await waiting).not.toHaveProperty("heldBy");
});

it("of many who want it at once, one has it at a time", async () => {
  const path = newPath();
  writeFileSync(path, file(await dead(), "1", BOOT, await dead(), "1"));
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await take(path, 20_000);
      if ("heldBy" in lock) throw new Error("held");
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      await lock.release();
    }),
  );
  expect(most).toBe(1);
});

it.each([
  [
    "of a promise and a lifeguard that are gone",
    async () => file(await dead(), "1", BOOT, await dead(), "1"),
  ],
  ["with the number of another process", async () => file(await sleeper(), "1", BOOT, await dead(), "1")],
  ["with a number of seven digits", async () => file("4194301", "77", BOOT, "4194302", "78")],
  [
    "of another boot",
    async () => file(process.pid, startOf(process.pid), "another", process.pid, startOf(process.pid)),
  ],
  [
    "that this process lost track of",
    async () => file(await dead(), "1", BOOT, process.pid, startOf(process.pid)),
  ],
  ["of another program, whose process is gone", async () => `${await dead()}\n`],
])("a stale lock %s is taken over", async (_what, content) => {
  const path = newPath();
  writeFileSync(path, await content());
  expect(await take(path, 500)).not.toHaveProperty("heldBy");
});

it("a run that a killed lifeguard left holds its lock, and is known for an orphan", async () => {
  const path = newPath();
  const promise = await sleeper();
  writeFileSync(path, file(promise, startOf(promise), BOOT, await dead(), "1"));
  expect(await take(path)).toMatchObject({ heldBy: promise, orphan: true });
});

it("another lifeguard holds its lock as long as it lives, also in the moment between its promise's end and the file's", async () => {
  const path = newPath();
  const other = await sleeper();
  writeFileSync(path, file(other, startOf(other), BOOT, other, startOf(other)));
  expect(await take(path)).toMatchObject({ heldBy: other, orphan: false });
  writeFileSync(path, file(await dead(), "1", BOOT, other, startOf(other)));
  expect(await take(path)).toMatchObject({ heldBy: other, orphan: false });
});

it("a run whose lifeguard was killed before it wrote the run down is found by what it runs", async () => {
  const path = newPath();
  const executable = script(folder.path, "left over", "sleep 60; true");
  const child = spawn(executable, { detached: true, stdio: "ignore" });
  onTestFinished(() => void process.kill(-(child.pid as number), "SIGKILL"));
  const killed = await dead();
  writeFileSync(path, file(killed, "1", BOOT, killed, "1"));
  await expect.poll(() => take(path, 0, executable)).toMatchObject({ heldBy: child.pid, orphan: true });
  expect(await take(path, 500, "/another")).not.toHaveProperty("heldBy");
});

it("a plain pid file of another program holds for its process, unless that is younger than the file", async () => {
  const path = newPath();
  const other = await sleeper();
  writeFileSync(path, `${other}\n`);
  expect(await take(path)).toMatchObject({ heldBy: other, orphan: false });
  const old = Date.now() / 1000 - 3600;
  utimesSync(path, old, old);
  expect(await take(path, 500)).not.toHaveProperty("heldBy");
});

it("an empty file is somebody who is just writing it, for a moment", async () => {
  const path = newPath();
  writeFileSync(path, "");
  expect(await take(path)).toMatchObject({ heldBy: 0 });
  const old = Date.now() / 1000 - 60;
  utimesSync(path, old, old);
  expect(await take(path, 500)).not.toHaveProperty("heldBy");
});

it("a crash in the middle of a takeover blocks nobody for long", async () => {
  const path = newPath();
  writeFileSync(path, file(await dead(), "1", BOOT, await dead(), "1"));
  writeFileSync(`${path}.takeover`, "");
  expect(await take(path)).toHaveProperty("heldBy");
  const old = Date.now() / 1000 - 60;
  utimesSync(`${path}.takeover`, old, old);
  expect(await take(path, 2000)).not.toHaveProperty("heldBy");
  expect(existsSync(`${path}.takeover`)).toBe(false);
});

it("a promise that not even KILL ended keeps the lock until it has ended", async () => {
  const path = newPath();
  const lock = await take(path);
  if ("heldBy" in lock) throw new Error("held");
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  lock.holdFor(child.pid as number);
  await lock.release(true);
  expect(await take(path)).toMatchObject({ heldBy: child.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await take(path, 500)).not.toHaveProperty("heldBy");
});

it("what is left of killed lifeguards in the folder is cleaned up, and this one's goes when it stops", async () => {
  using own = temporaryFolder();
  const killed = await dead();
  const alive = await sleeper();
  writeFileSync(join(own.path, `.lifeguard-${killed}.owner`), file(killed, "1", BOOT, killed, "1"));
  writeFileSync(
    join(own.path, `.lifeguard-${alive}.owner`),
    file(alive, startOf(alive), BOOT, alive, startOf(alive)),
  );
  const lock = await take(join(own.path, "p.pid"));
  expect(readdirSync(own.path).sort()).toEqual(
    [`.lifeguard-${alive}.owner`, `.lifeguard-${process.pid}.owner`, "p.pid"].sort(),
  );
  if (!("heldBy" in lock)) await lock.release();
  await removeOwnerFile(own.path);
  expect(readdirSync(own.path)).toEqual([`.lifeguard-${alive}.owner`]);
});

it("somebody who cleans up the folder while it is in use does no harm", async () => {
  using own = temporaryFolder();
  for (let round = 0; round < 3; round++) {
    const lock = await take(join(own.path, "p.pid"));
    if ("heldBy" in lock) throw new Error("held");
    expect(lines(join(own.path, "p.pid"))[0]).toBe(String(process.pid));
    for (const name of readdirSync(own.path)) rmSync(join(own.path, name));
    await lock.release();
  }
});

it("throws when the folder cannot be written", async () => {
  await expect(take(join(folder.path, "none", "x.pid"))).rejects.toThrow("ENOENT");
});
