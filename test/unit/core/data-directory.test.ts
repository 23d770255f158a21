import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openDataDirectory } from "../../../src/core/data-directory.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";

const mode = (path: string) => statSync(path).mode & 0o777;

test("makes the directory, and closes an existing one to other users", () => {
  using folder = temporaryFolder();
  const fresh = openDataDirectory(join(folder.path, "deep", "data"));
  expect(mode(fresh.path)).toBe(0o700);
  fresh.close();
  chmodSync(fresh.path, 0o755);
  openDataDirectory(fresh.path).close();
  expect(mode(fresh.path)).toBe(0o700);
});

test("refuses a second holder and says which directory and what to do", () => {
  using folder = temporaryFolder();
  const first = openDataDirectory(folder.path);
  expect(() => openDataDirectory(folder.path)).toThrow(
    expect.objectContaining({
      code: "DATA_LOCKED",
      message: expect.stringMatching(new RegExp(`${RegExp.escape(folder.path)}.*--data`)),
    }),
  );
  first.close();
  first.close();
  openDataDirectory(folder.path).close();
});

test("a process that is killed leaves no lock behind", async () => {
  using folder = temporaryFolder();
  const module = new URL("../../../src/core/data-directory.ts", import.meta.url).href;
  const holder = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { openDataDirectory } from ${JSON.stringify(module)};
       globalThis.held = openDataDirectory(${JSON.stringify(folder.path)});
       console.log("held");
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(holder.stdout, "data");
  expect(() => openDataDirectory(folder.path)).toThrow(expect.objectContaining({ code: "DATA_LOCKED" }));
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  openDataDirectory(folder.path).close();
});

test("a path that is a file is told in plain words", () => {
  using folder = temporaryFolder();
  const directory = openDataDirectory(folder.path);
  try {
    expect(() => openDataDirectory(join(folder.path, "lock.sqlite"))).toThrow(
      expect.objectContaining({ code: "DATA_DIRECTORY" }),
    );
  } finally {
    directory.close();
  }
});

test("a folder that cannot be made is told, and not tried for ever", {
  skip: process.platform !== "linux",
}, () => {
  for (const path of ["/proc/lifeguard", "/proc/lifeguard/deep/data"])
    expect(() => openDataDirectory(path)).toThrow(expect.objectContaining({ code: "DATA_DIRECTORY" }));
});

test("every instance has a folder of its own inside, whatever its name", () => {
  using folder = temporaryFolder();
  const directory = openDataDirectory(folder.path);
  const names = ["promises", ".", "..", "a/b", "a%2Fb", "../../etc", "*", "%2A", "ä ö", ""];
  const folders = names.map((name) => directory.instanceFolder("source", name || "_"));
  expect(new Set(folders).size).toBe(names.length);
  for (const own of folders) {
    expect(dirname(own)).toBe(join(folder.path, "instances", "source"));
    expect(mode(own)).toBe(0o700);
  }
  expect(directory.instanceFolder("sink", "promises")).not.toBe(folders[0]);
  directory.close();
});
