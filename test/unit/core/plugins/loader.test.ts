import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { firstValueFrom, Observable, Subject } from "rxjs";
import { map } from "rxjs/operators";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PluginLoader } from "../../../../src/core/plugins/loader.ts";
import type { PluginError } from "../../../../src/core/plugins/plugin-error.ts";
import { defineSource, LifeguardError, z } from "../../../../src/plugin/index.ts";

let folder: string;
let loader: PluginLoader;
let imports: number;

const builtin = defineSource({
  name: "promises",
  summary: "built in",
  config: z.object({}),
  events: [],
  start() {},
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeguard-plugins-"));
  imports = 0;
  const promises = async () => {
    imports++;
    return { default: builtin };
  };
  loader = new PluginLoader({ builtins: { sources: { promises }, sinks: {} } });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The text of a source plugin; `summary` is an expression. */
function source(summary: string, head = "", config = "z.object({})"): string {
  return `import { defineSource, z } from "lifeguard/plugin";\n${head}\nexport default defineSource({ name: "mine", summary: ${summary}, config: ${config}, events: ["mine.seen"], start() {} });\n`;
}

async function summary(reference: string): Promise<string> {
  return (await loader.load("source", reference, folder)).definition.summary;
}

async function failure(reference: string, kind = "source"): Promise<PluginError> {
  return loader.load(kind, reference, folder).then(
    () => expect.fail("it loaded"),
    (error) => error as PluginError,
  );
}

describe("built-ins", () => {
  test("are imported when they are first asked for", async () => {
    expect(imports).toBe(0);
    const plugin = await loader.load("source", "promises", folder);
    expect(plugin).toMatchObject({ definition: builtin, files: [] });
    expect(imports).toBe(1);
  });

  test("that do not import are told as broken", async () => {
    const broken = () => Promise.reject(new Error("no such thing"));
    loader = new PluginLoader({ builtins: { sources: { broken }, sinks: {} } });
    expect(await failure("broken")).toMatchObject({ code: "PLUGIN_BROKEN" });
  });
});

describe("a plugin file", () => {
  test("loads from a folder with nothing near it, TypeScript as it is", async () => {
    write("x/mine.ts", source("word", 'import { word } from "./word.ts"; const typed: string = word;'));
    write("x/word.ts", 'export const word: string = "first";');
    const plugin = await loader.load("source", "./x/mine.ts", folder);
    expect(plugin.definition.summary).toBe("first");
    expect([...plugin.files].sort()).toEqual([join(folder, "x/mine.ts"), join(folder, "x/word.ts")]);
  });

  test.each(["mine.ts", "mine.mts", "mine.js", "mine.mjs"])("may be called %s", async (name) => {
    write(name, source('"works"'));
    expect(await summary(`./${name}`)).toBe("works");
    expect(await summary(join(folder, name))).toBe("works");
  });

  test("is looked up from the folder it is named in, not from the working directory", async () => {
    write("deep/er/mine.ts", source('"works"'));
    expect((await loader.load("source", "../er/mine.ts", join(folder, "deep/er"))).definition.summary).toBe(
      "works",
    );
  });

  test("shares lifeguard's own rxjs, zod and contract", async () => {
    const path = write(
      "mine.ts",
      `import { defineSource, LifeguardError, z } from "lifeguard/plugin";
       import { Observable, Subject } from "rxjs"; import { map } from "rxjs/operators"; import { z as other } from "zod";
       export default defineSource({ name: "mine", summary: String(z === other), config: z.object({}), events: [],
         start: () => Object.assign(new Subject(), { seen: { Observable, Subject, map, LifeguardError } }) as never });`,
    );
    const { definition } = await loader.load("source", path, folder);
    expect(definition.summary).toBe("true");
    expect(definition.config).toBeInstanceOf(z.ZodObject);
    const started = (await definition.start({}, undefined as never)) as unknown as { seen: object };
    expect(started).toBeInstanceOf(Subject);
    expect(started.seen).toEqual({ Observable, Subject, map, LifeguardError });
  });

  test("knows where it lies", async () => {
    write("mine.ts", source("import.meta.dirname + import.meta.filename"));
    expect(await summary("./mine.ts")).toBe(folder + join(folder, "mine.ts"));
  });

  test("may import a neighbour when it is needed", async () => {
    write(
      "mine.ts",
      `import { from } from "rxjs"; ${source('"late"').replace("start() {}", 'start: () => from(import("./late.ts").then((m) => m.late)) as never')}`,
    );
    write("late.ts", 'import { Subject } from "rxjs"; export const late = Subject;');
    const { definition } = await loader.load("source", "./mine.ts", folder);
    const started = (await definition.start({}, undefined as never)) as unknown as Observable<unknown>;
    expect(await firstValueFrom(started)).toBe(Subject);
  });
});

describe("a changed plugin", () => {
  test("is the same version until a file of it changes", async () => {
    write("mine.ts", source('"first"'));
    const first = await loader.load("source", "./mine.ts", folder);
    write("mine.ts", source('"first"'));
    const again = await loader.load("source", "./mine.ts", folder);
    expect(again.definition).toBe(first.definition);
    write("mine.ts", source('"second"'));
    const second = await loader.load("source", "./mine.ts", folder);
    expect(second.definition.summary).toBe("second");
    expect(second.hash).not.toBe(first.hash);
  });

  test("comes with its changed neighbours, and theirs, in circles too", async () => {
    write("a.ts", source("b()", 'import { b } from "./b.ts"; export const a = "a";'));
    write(
      "b.ts",
      'import { a } from "./a.ts"; import { c } from "./lib/c.js"; export const b = () => a + c;',
    );
    write("lib/c.js", 'export const c = "1";');
    expect(await summary("./a.ts")).toBe("a1");
    write("lib/c.js", 'export const c = "2";');
    expect(await summary("./a.ts")).toBe("a2");
  });

  test("that is broken leaves the old version alone, and loads when it is repaired", async () => {
    write("mine.ts", source('"first"'));
    const first = await loader.load("source", "./mine.ts", folder);
    write("mine.ts", "export default (");
    expect(await failure("./mine.ts")).toMatchObject({ code: "PLUGIN_BROKEN" });
    expect(first.definition.summary).toBe("first");
    write("mine.ts", source('"third"'));
    expect(await summary("./mine.ts")).toBe("third");
  });

  test("behind a link is found when the link moves", async () => {
    write("v1/mine.ts", source('"1" + word', 'import { word } from "./word.ts";'));
    write("v1/word.ts", 'export const word = "one";');
    write("v2/mine.ts", source('"1" + word', 'import { word } from "./word.ts";'));
    write("v2/word.ts", 'export const word = "two";');
    symlinkSync("v1", join(folder, "data"));
    expect(await summary("./data/mine.ts")).toBe("1one");
    rmSync(join(folder, "data"));
    symlinkSync("v2", join(folder, "data"));
    expect(await summary("./data/mine.ts")).toBe("1two");
  });

  test("is warned about after fifty versions", async () => {
    for (let version = 0; version <= 50; version++) {
      expect(loader.warnings()).toEqual([]);
      write("mine.ts", source(`"${version}"`));
      await summary("./mine.ts");
    }
    expect(loader.warnings()).toEqual([expect.stringContaining("mine.ts was reloaded 50 times")]);
  });
});

describe("a package", () => {
  const description = (more: object) => JSON.stringify({ name: "lifeguard-source-foo", ...more });

  test("of ES modules is given lifeguard's modules, not its own copies", async () => {
    const root = "node_modules/lifeguard-source-foo";
    write(
      `${root}/package.json`,
      description({ type: "module", exports: { import: "./lib/i.js" }, imports: { "#x": "./lib/x.js" } }),
    );
    write(
      `${root}/lib/i.js`,
      source("x + String(z === own)", 'import { x } from "#x"; import { z as own } from "zod";'),
    );
    write(`${root}/lib/x.js`, 'export const x = "1";');
    write(`${root}/node_modules/zod/package.json`, '{ "main": "index.js" }');
    write(`${root}/node_modules/zod/index.js`, 'throw new Error("wrong zod")');
    expect(await summary("lifeguard-source-foo")).toBe("1true");
    write(`${root}/lib/x.js`, 'export const x = "2";');
    expect(await summary("lifeguard-source-foo")).toBe("2true");
  });

  test("of CommonJS works too, changed neighbours included", async () => {
    const root = "node_modules/lifeguard-source-foo";
    write(`${root}/package.json`, description({ main: "./lib/i.js" }));
    write(
      `${root}/lib/i.js`,
      `Object.defineProperty(exports, "__esModule", { value: true });
       const { defineSource, z } = require("lifeguard/plugin"); const { x } = require("./x");
       exports.default = defineSource({ name: "foo", summary: x + (z === require("zod").z), config: z.object({}), events: [], start() {} });`,
    );
    write(`${root}/lib/x.js`, 'exports.i = require("./i"); exports.x = "1";');
    expect(await summary("lifeguard-source-foo")).toBe("1true");
    write(`${root}/lib/x.js`, 'exports.i = require("./i"); exports.x = "2";');
    expect(await summary("lifeguard-source-foo")).toBe("2true");
  });

  test("may bring what it depends on", async () => {
    const root = "node_modules/lifeguard-source-foo";
    write(`${root}/package.json`, description({ type: "module", exports: "./i.js" }));
    write(`${root}/i.js`, source("dep", 'import dep from "dep";'));
    write("node_modules/dep/package.json", '{ "main": "i.js" }');
    write("node_modules/dep/i.js", 'module.exports = "dependency";');
    expect(await summary("lifeguard-source-foo")).toBe("dependency");
  });
});

describe("a plugin that cannot be used is told, with its own line and column", () => {
  test.each([
    ["a syntax error", "export default 1;\nconst a: number = ;\n", 2, 19, /Expression expected/],
    ["TypeScript that is not erasable", "export default 1;\n  enum A { B }\n", 2, 3, /enum/],
    [
      "a throw while loading",
      'export default 1;\n   throw new Error("boom");\n',
      2,
      10,
      /throws Error: boom/,
    ],
    [
      "a throw in a function",
      "function f() {\n  null.x;\n}\nf();\nexport default 1;",
      2,
      8,
      /throws TypeError/,
    ],
    ["a missing neighbour", 'import { a } from "./a.ts";\n', 1, 19, /"\.\/a\.ts", which does not exist/],
    ["a missing extension", 'import { a } from "./other";\n', 1, 19, /did you mean other\.ts/],
    ["a package that is not there", 'import pg from "pg";\n', 1, 16, /"pg", which is not installed/],
    ["a missing export", 'import {\n  nope } from "./other.ts";\n', 2, 3, /'nope'/],
    ["waiting at the top level", "export const a = 1;\nawait a;\n", 2, 1, /await/],
  ])("%s", async (_what, text, line, column, message) => {
    write("other.ts", "export const other = 1;");
    const file = write("mine.ts", text);
    const error = await failure("./mine.ts");
    expect(error).toMatchObject({ code: "PLUGIN_BROKEN", file, line, column });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`mine.ts:${line}:${column}`);
  });

  test("in a neighbour, with the neighbour's place", async () => {
    write("mine.ts", source('"x"', 'import "./other.js";'));
    const file = write("other.js", "export const a = 1;\nconst b = ) 3;\n");
    const error = await failure("./mine.ts");
    expect(error).toMatchObject({ code: "PLUGIN_BROKEN", file, line: 2, column: 11 });
    expect(error.files).toContain(file);
  });

  test("and names the files whose change may repair it, the missing one included", async () => {
    write("mine.ts", 'import "./missing.ts";');
    expect((await failure("./mine.ts")).files).toEqual([join(folder, "mine.ts"), join(folder, "missing.ts")]);
    expect((await failure("./gone.ts")).files).toEqual([join(folder, "gone.ts")]);
  });
});

describe("what is no plugin of the wanted kind is refused", () => {
  test.each([
    ["no default export", "export const a = 1;", /no default export/],
    ["some other default export", "export default 1;", /no source/],
    ["a sink", source('"x"').replaceAll("defineSource", "defineSink"), /is a sink/],
    ["another contract", source('"x"').replace("start()", "contract: 2, start()"), /contract 2.*contract 1/],
    ["a reserved key", source('"x"', "", "z.object({ labels: z.string() })"), /"labels"/],
    [
      "a reserved key in a union",
      source('"x"', "", "z.union([z.object({ a: z.string() }), z.object({ type: z.string() })])"),
      /"type"/,
    ],
    ["a schema of no object", source('"x"', "", "z.string()"), /not a schema of an object/],
    ["no schema", source('"x"', "", "{} as never"), /not a schema of an object/],
  ])("%s", async (_what, text, message) => {
    write("mine.ts", text);
    const error = await failure("./mine.ts");
    expect(error).toMatchObject({ code: "PLUGIN_CONTRACT" });
    expect(error.message).toMatch(message);
  });

  test.each([
    ["a file that is not there", "./gone.ts", "PLUGIN_MISSING", undefined],
    ["a folder", "./", "PLUGIN_MISSING", undefined],
    ["a misspelt built-in", "promisess", "PLUGIN_UNKNOWN", "promises"],
    ["a package that is not there", "lifeguard-source-gone", "PLUGIN_UNKNOWN", undefined],
    ["a path without its ./", "mine.ts", "PLUGIN_UNKNOWN", "./mine.ts"],
    ["nonsense", "a b?*", "PLUGIN_UNKNOWN", undefined],
    ["nothing", "", "PLUGIN_UNKNOWN", undefined],
  ])("%s", async (_what, reference, code, suggestion) => {
    write("mine.ts", source('"x"'));
    expect(await failure(reference)).toMatchObject({ code, suggestion });
  });

  test("a module of another kind", async () => {
    write("mine.ts", source('"x"'));
    expect((await failure("./mine.ts", "connector")).message).toMatch(
      /is a source, but a connector is wanted/,
    );
  });
});
