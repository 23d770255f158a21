import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { learnFolder } from "../../../../src/sources/promises/folder-files.ts";
import { ReplacedFile } from "../../../../src/sources/promises/replaced-file.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

const path = () => join(folder.path, "x.json");
const text = () => readFileSync(path(), "utf8").trimEnd();

describe.each([
  ["in this thread", () => learnFolder(folder.path)],
  ["in another", async () => {}],
])("a file that is replaced, worked on %s", (_where, learn) => {
  beforeEach(learn);

  it("has the last text, longer or shorter, and one hidden file beside it", async () => {
    const file = new ReplacedFile(path());
    for (const next of ["one", "a longer one", "1", "x".repeat(10_000), "short again", "ü€"]) {
      await file.write(next);
      expect(text()).toBe(next);
    }
    expect(readdirSync(folder.path)).toHaveLength(2);
    await file.remove();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("makes no new inode once it has two", async () => {
    const file = new ReplacedFile(path());
    const inodes = new Set<number>();
    for (let round = 0; round < 10; round++) {
      await file.write(`round ${round}`);
      inodes.add(statSync(path()).ino);
    }
    expect(inodes.size).toBe(2);
  });

  it("shows a reader who has just opened it the text of that moment", async () => {
    const file = new ReplacedFile(path());
    await file.write("before");
    const fd = openSync(path(), "r");
    await file.write("afterwards");
    const buffer = Buffer.alloc(100);
    expect(buffer.toString("utf8", 0, readSync(fd, buffer))).toBe("before");
    closeSync(fd);
  });

  it("never writes into a file that somebody else has linked to, nor through a link", async () => {
    const file = new ReplacedFile(path());
    await file.write("first");
    linkSync(path(), join(folder.path, "backup"));
    await file.write("second");
    await file.write("third");
    await file.write("fourth");
    expect(readFileSync(join(folder.path, "backup"), "utf8")).toBe("first");
    const victim = join(folder.path, "victim");
    writeFileSync(victim, "precious");
    rmSync(path());
    symlinkSync(victim, path());
    for (const next of ["fifth", "sixth", "seventh"]) await file.write(next);
    expect(text()).toBe("seventh");
    expect(readFileSync(victim, "utf8")).toBe("precious");
  });

  it("goes on after a crash, whatever was left", async () => {
    await new ReplacedFile(path()).write("old");
    for (const name of readdirSync(folder.path)) if (name !== "x.json") rmSync(join(folder.path, name));
    linkSync(path(), join(folder.path, ".x.json.0"));
    writeFileSync(join(folder.path, ".x.json.1"), "half");
    const file = new ReplacedFile(path());
    for (const next of ["a", "b", "c"]) {
      await file.write(next);
      expect(text()).toBe(next);
    }
  });

  it("says so when it cannot be written, leaves nothing, and goes on afterwards", async () => {
    const file = new ReplacedFile(path());
    mkdirSync(path());
    await expect(file.write("x")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(readdirSync(folder.path)).toEqual(["x.json"]);
    rmSync(path(), { recursive: true });
    await file.write("y");
    expect(text()).toBe("y");
  });
});
