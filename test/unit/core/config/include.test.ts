import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

test("included files add sources, sinks and roles, each relative to its own folder", async () => {
  folder.write("conf.d/a.yaml", "sources:\n  everything: { path: ./p }\ndata: ./d\n");
  folder.write("conf.d/b.yaml", "sinks:\n  web:\nroles:\n  r: { sinks: [web], sources: [] }\n");
  folder.write("more.yaml", "include: deep/c.yaml\n");
  folder.write("deep/c.yaml", "title: Deep\nsources:\n  mine: { type: ./mine.ts }\n");
  folder.write(
    "deep/mine.ts",
    'import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "", config: z.object({}), events: [], start() {} });',
  );
  const config = await folder.valid("include: [conf.d/*.yaml, ./more.yaml]\nsinks:\n  console:\n");
  expect([...config.sources.keys()].sort()).toEqual(["everything", "mine"]);
  expect([...config.sinks.keys()].sort()).toEqual(["console", "web"]);
  expect(config.sources.get("everything")?.config).toEqual({ path: join(folder.path, "conf.d/p") });
  expect(config).toMatchObject({ title: "Deep", dataDirectory: join(folder.path, "conf.d/d") });
  expect((await folder.valid(undefined, { role: "r" })).sources.size).toBe(0);
});

test("mistakes in an included file name that file", async () => {
  const file = folder.write("a.yaml", "\nsources:\n  everything: { nummber: 1 }\n");
  expect(await folder.problems("include: a.yaml\nlimits: { x: 1 }\n")).toEqual([
    expect.objectContaining({ file: folder.file, line: 2, column: 11, code: "CFG012" }),
    expect.objectContaining({ file, line: 3, column: 17, code: "CFG012" }),
  ]);
  folder.write("a.yaml", "title: @x\n");
  expect(await folder.problems()).toEqual([
    expect.objectContaining({ file: folder.file }),
    expect.objectContaining({ file, line: 1, column: 8, code: "CFG002" }),
  ]);
});

test("what stands in two files is told", async () => {
  const file = folder.write("a.yaml", "title: b\nsources:\n  everything:\n");
  expect(await folder.problems("include: a.yaml\ntitle: a\nsources:\n  everything:\n")).toEqual([
    expect.objectContaining({ file, line: 1, column: 1, code: "CFG015" }),
    expect.objectContaining({
      file,
      line: 3,
      column: 3,
      code: "CFG015",
      message: expect.stringContaining("monitors.yaml:4:3"),
    }),
  ]);
});

test("a missing file is told, a glob that finds nothing is not", async () => {
  expect(await folder.told("include: [gone.yaml, 'gone/*.yaml']\nsinks: { web: }\n")).toEqual([
    expect.stringMatching(/^1:11 CFG005 the included file .*gone\.yaml does not exist/),
  ]);
});

test("files that include each other, or one file twice, are told", async () => {
  folder.write("a.yaml", "include: b.yaml\n");
  folder.write("b.yaml", "include: [a.yaml, monitors.yaml]\n");
  const problems = await folder.problems("include: [a.yaml, b.yaml]\nsinks: { web: }\n");
  expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
    "1:19 CFG005",
    "1:11 CFG005",
    "1:19 CFG005",
  ]);
});

test("include takes nothing but words", async () => {
  expect(await folder.told("include: [1, { a: b }]\nsinks: { web: }\n")).toEqual([
    expect.stringContaining("1:11 CFG010"),
    expect.stringContaining("1:14 CFG010"),
  ]);
});
