import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepLinks, type Links, planLinks, removeLinks } from "../../../../src/sources/promises/trees.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { write } from "./executable.ts";

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder.path, "public");
  for (const name of ["a.log", "b.log"]) write(folder.path, name, name);
});
afterEach(() => folder[Symbol.dispose]());

const target = (name: string) => join(folder.path, name);
const keep = async (wanted: Record<string, string>, owned: Links = new Map()) => {
  const remembered: Links[] = [];
  const kept = await keepLinks({
    wanted: new Map(Object.entries(wanted).map(([link, name]) => [join(root, link), target(name)])),
    owned,
    roots: new Set([root]),
    remember: async (links) => void remembered.push(links),
  });
  return { ...kept, notes: kept.notes.map(({ message }) => message), remembered };
};

it("plans a link for each path, the first of a name, and reports the others", () => {
  const { links, notes } = planLinks([
    { folder: "/p/s", paths: ["/x/log", "/y/log", "/x/log", "/"], from: "s.cfg" },
    { folder: "/p", paths: ["/x/log"], from: "monitor.conf" },
  ]);
  expect(Object.fromEntries(links)).toEqual({ "/p/s/log": "/x/log", "/p/log": "/x/log" });
  expect(notes.map(({ message }) => message)).toEqual([
    "not linked: /y/log, since /x/log has the same name",
    "cannot be linked: /",
  ]);
});

it("makes links and folders, remembers before it makes them, and does nothing the second time", async () => {
  const first = await keep({ "s/a.log": "a.log", "a.log": "a.log" });
  expect(readFileSync(join(root, "s/a.log"), "utf8")).toBe("a.log");
  expect(readlinkSync(join(root, "a.log"))).toBe(target("a.log"));
  expect(first.notes).toEqual([]);
  expect(first.remembered).toEqual([first.owned]);
  const second = await keep({ "s/a.log": "a.log", "a.log": "a.log" }, first.owned);
  expect(second).toEqual({ owned: first.owned, notes: [], remembered: [] });
});

it("takes away what is not wanted any more, with folders that become empty, and moves what leads elsewhere", async () => {
  const { owned } = await keep({ "s/x": "a.log", "s/y": "a.log", "t/x": "a.log" });
  const after = await keep({ "s/x": "b.log" }, owned);
  expect(readdirSync(root)).toEqual(["s"]);
  expect(readdirSync(join(root, "s"))).toEqual(["x"]);
  expect(readlinkSync(join(root, "s/x"))).toBe(target("b.log"));
  expect([...after.owned]).toEqual([[join(root, "s/x"), target("b.log")]]);
  await removeLinks(after.owned, new Set([root]));
  expect(readdirSync(root)).toEqual([]);
});

it("leaves alone what others made: files, folders, links, and links in place of its own", async () => {
  write(root, "s/file", "theirs");
  symlinkSync("/theirs", join(root, "s/link"));
  mkdirSync(join(root, "s/folder"));
  const { owned, notes } = await keep({
    "s/file": "a.log",
    "s/link": "a.log",
    "s/folder": "a.log",
    "s/ours": "a.log",
  });
  expect([...owned.keys()]).toEqual([join(root, "s/ours")]);
  expect(notes).toEqual([
    `not linked to ${target("a.log")}: there is something else already`,
    `not linked to ${target("a.log")}: there is a link to /theirs already`,
    `not linked to ${target("a.log")}: there is something else already`,
  ]);
  const mistaken = new Map([...owned, [join(root, "s/link"), target("a.log")]]);
  await keep({}, mistaken);
  expect(readdirSync(join(root, "s")).sort()).toEqual(["file", "folder", "link"]);
  expect(readFileSync(join(root, "s/file"), "utf8")).toBe("theirs");
});

it("does not take a link for its own because it leads to the right place", async () => {
  mkdirSync(root);
  symlinkSync(target("a.log"), join(root, "x"));
  const { owned } = await keep({ x: "a.log" });
  expect(owned.size).toBe(0);
  await keep({}, owned);
  expect(lstatSync(join(root, "x")).isSymbolicLink()).toBe(true);
});

it("goes through no link that somebody put in a service's place", async () => {
  mkdirSync(root);
  mkdirSync(target("elsewhere"));
  symlinkSync(target("elsewhere"), join(root, "s"));
  const { owned, notes } = await keep({ "s/x": "a.log" });
  expect(owned.size).toBe(0);
  expect(notes).toEqual([expect.stringMatching(/^not linked: .*\/s is not a folder/)]);
  expect(readdirSync(target("elsewhere"))).toEqual([]);
});

it("follows a root that is a link itself, since monitor.conf names it", async () => {
  mkdirSync(target("real"));
  symlinkSync(target("real"), root);
  await keep({ x: "a.log" });
  expect(readlinkSync(join(target("real"), "x"))).toBe(target("a.log"));
});

it("links what is not there yet, and says so", async () => {
  const { owned, notes } = await keep({ x: "later.log" });
  expect(owned.size).toBe(1);
  expect(notes).toEqual([`leads nowhere: ${target("later.log")} is not there`]);
});

it("reports what cannot be made and goes on", async () => {
  write(folder.path, "public", "a file");
  const { owned, notes } = await keep({ x: "a.log" });
  expect(owned.size).toBe(0);
  expect(notes).toEqual([expect.stringMatching(/^cannot be made: /)]);
});
