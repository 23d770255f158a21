import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/system-clock.ts";
import { watch, watchPaths } from "../../../src/core/watch.ts";

let folder: string;
let stop: AbortController;
let calls: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeguard-watch-"));
  stop = new AbortController();
  calls = 0;
});

afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

function start(...names: string[]): void {
  watchPaths(
    names.map((name) => join(folder, name)),
    { clock: systemClock, signal: stop.signal, settle: 20, onChange: () => calls++ },
  );
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Waits until a change was told; well before the poll would have found it. */
async function told(): Promise<void> {
  await expect.poll(() => calls, { timeout: 8000, interval: 10 }).toBeGreaterThan(0);
  calls = 0;
}

describe("watchPaths tells", () => {
  test("of a file that is written to", async () => {
    write("a", "1");
    start("a");
    write("a", "22");
    await told();
  });

  test("of the same length of text, too", async () => {
    write("a", "1");
    start("a");
    write("a", "2");
    await told();
  });

  test("of a file that an editor replaces, again and again", async () => {
    write("a", "1");
    start("a");
    for (const text of ["2", "3"]) {
      write("new", text);
      renameSync(join(folder, "new"), join(folder, "a"));
      await told();
    }
  });

  test("of a file that appears in folders that do not exist yet", async () => {
    start("x/y/a");
    mkdirSync(join(folder, "x/y"), { recursive: true });
    write("x/y/a", "1");
    await told();
  });

  test("of a file that vanishes, and of its return in a new folder", async () => {
    mkdirSync(join(folder, "x"));
    write("x/a", "1");
    start("x/a");
    rmSync(join(folder, "x"), { recursive: true });
    await told();
    mkdirSync(join(folder, "x"));
    write("x/a", "1");
    await told();
    write("x/a", "2");
    await told();
  });

  test("of a ConfigMap whose links are swapped", async () => {
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(folder, version));
      write(`${version}/a`, version);
    }
    symlinkSync("v1", join(folder, "..data"));
    symlinkSync("..data/a", join(folder, "a"));
    start("a");
    symlinkSync("v2", join(folder, "..next"));
    renameSync(join(folder, "..next"), join(folder, "..data"));
    await told();
  });

  test("of an entry of a folder that appears, changes or vanishes", async () => {
    mkdirSync(join(folder, "d"));
    start("d");
    write("d/a", "1");
    await told();
    write("d/a", "2");
    await told();
    rmSync(join(folder, "d/a"));
    await told();
  });
});

test("watchPaths says nothing of neighbours that are not watched", async () => {
  write("a", "1");
  write("b", "1");
  start("a");
  let others = 0;
  watchPaths([join(folder, "b")], {
    clock: systemClock,
    signal: stop.signal,
    settle: 20,
    onChange: () => others++,
  });
  write("b", "2");
  await expect.poll(() => others, { timeout: 8000 }).toBe(1);
  expect(calls).toBe(0);
  write("a", "2");
  await told();
});

test("watchPaths tells of many writes in a row far less often than they come", async () => {
  write("a", "1");
  start("a");
  for (let round = 0; round < 50; round++) write("a", String(round));
  await expect.poll(() => calls, { timeout: 8000 }).toBeGreaterThan(0);
  expect(calls).toBeLessThan(5);
});

test("watchPaths is silent after its signal aborted", async () => {
  write("a", "1");
  start("a");
  stop.abort();
  stop = new AbortController();
  let others = 0;
  watchPaths([join(folder, "a")], {
    clock: systemClock,
    signal: stop.signal,
    settle: 20,
    onChange: () => others++,
  });
  write("a", "2");
  await expect.poll(() => others, { timeout: 8000 }).toBe(1);
  expect(calls).toBe(0);
});

test("watch is the same as an Observable, and ends with its subscription", async () => {
  write("a", "1");
  const options = { clock: systemClock, signal: stop.signal, settle: 20 };
  const subscription = watch(join(folder, "a"), options).subscribe(() => calls++);
  write("a", "2");
  await told();
  subscription.unsubscribe();
  let others = 0;
  watch(join(folder, "a"), options).subscribe(() => others++);
  write("a", "3");
  await expect.poll(() => others, { timeout: 8000 }).toBe(1);
  expect(calls).toBe(0);
});
