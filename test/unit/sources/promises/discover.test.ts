import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { discover } from "../../../../src/sources/promises/discover.ts";
import { formatNote } from "../../../../src/sources/promises/note.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { script, write } from "./executable.ts";

const look = async (...folders: string[]) => {
  const { promises, unreadable, notes } = await discover(folders);
  return { ids: [...promises.keys()], promises, unreadable, notes: notes.map(formatNote) };
};

it("finds executable files of any name, and neither hidden ones, .cfg files, folders nor what lies in them", async () => {
  using folder = temporaryFolder();
  const names = ["a", "b c", "50%", "#x", "check-_x.y", "größe", "z.sh"];
  for (const name of [...names, ".hidden", "b c.cfg", "sub/inner"]) script(folder.path, name, "exit 0");
  mkdirSync(join(folder.path, "folder"));
  write(folder.path, "README.md", "not one");
  symlinkSync(join(folder.path, "sub/inner"), join(folder.path, "linked"));
  symlinkSync("/nowhere", join(folder.path, "dangling"));
  const { ids, promises, notes } = await look(folder.path);
  expect([...ids].sort()).toEqual([...names, "linked"].sort());
  expect(promises.get("b c")).toEqual({
    id: "b c",
    file: join(folder.path, "b c"),
    cfg: join(folder.path, "b c.cfg"),
    refused: undefined,
  });
  expect(notes).toEqual([]);
});

it("sees what has a name that is no text or has no end, and refuses to run it", async () => {
  using folder = temporaryFolder();
  script(folder.path, "new\nline", "exit 0");
  writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/latin`), Buffer.from([0xe9])]), "", {
    mode: 0o755,
  });
  const { ids, promises } = await look(folder.path);
  expect(ids).toEqual(["latin\uFFFD", "new\uFFFDline"]);
  expect(promises.get("latin\uFFFD")?.refused).toMatch(/not valid UTF-8/);
  expect(promises.get("new\uFFFDline")?.refused).toMatch(/"new\\nline" holds control characters/);
});

it("reports a .cfg without an executable, and a script that nobody made executable", async () => {
  using folder = temporaryFolder();
  write(folder.path, "lost.cfg", "[service]");
  write(folder.path, "forgotten", "#!/bin/sh\n", 0o644);
  const { ids, notes } = await look(folder.path);
  expect(ids).toEqual([]);
  expect(notes).toEqual([
    `${folder.path}/forgotten: a script, but not executable, so it is no promise`,
    `${folder.path}/lost.cfg: there is no executable of this name beside it`,
  ]);
});

it("refuses what anybody may write to", async () => {
  using folder = temporaryFolder();
  chmodSync(script(folder.path, "open", "exit 0"), 0o757);
  const { promises } = await look(folder.path);
  expect(promises.get("open")?.refused).toMatch(/anybody may write/);
});

it("lets the later folder's promise count where two have the same name, and says so", async () => {
  using folder = temporaryFolder();
  script(folder.path, "monitor-promise/p", "exit 0");
  const later = script(folder.path, "promise/p", "exit 1");
  const { promises, notes } = await look(join(folder.path, "monitor-promise"), join(folder.path, "promise"));
  expect(promises.get("p")?.file).toBe(later);
  expect(notes).toEqual([`${folder.path}/monitor-promise/p: not run: ${later} has the same name and counts`]);
});

it("says which folders it could not read, and goes on with the others", async () => {
  using folder = temporaryFolder();
  script(folder.path, "p", "exit 0");
  const none = join(folder.path, "none");
  const { ids, unreadable } = await look(none, folder.path);
  expect(ids).toEqual(["p"]);
  expect(unreadable.get(none)).toMatch(/^ENOENT/);
});
