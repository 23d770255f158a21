import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** A configuration with one source that has every kind of field. */
const source = (options: string) => `sources:\n  everything: { ${options} }\n`;

describe("every mistake has the place of the key or value that is wrong", () => {
  test.each([
    [
      "an unknown key",
      source("nummber: 1"),
      "2:17 CFG012",
      'unknown key "nummber" in sources.everything',
      "number",
    ],
    [
      "an unknown key in a list",
      source("list: [{ host: a }, { host: b, prt: 1 }]"),
      "2:48 CFG012",
      "sources.everything.list[1]",
      "port",
    ],
    ["an unknown key of core", "sorces: {}\nsources: {}\n", "1:1 CFG012", 'unknown key "sorces"', undefined],
    ["an unknown key of core, misspelt", "sinsk: {}\n", "1:1 CFG012", 'unknown key "sinsk"', "sinks"],
    ["a misspelt key that core owns", source("lables: {}"), "2:17 CFG012", "lables", "labels"],
    [
      "a missing key",
      "sources:\n  promises: {}\n",
      "2:3 CFG011",
      'missing key "directory" in sources.promises: The folder of promises',
      undefined,
    ],
    ["a missing key of an empty source", "sources:\n  promises:\n", "2:3 CFG011", "directory", undefined],
    [
      "a missing key in a list",
      source("list: [{ port: 1 }]"),
      "2:24 CFG011",
      'missing key "host" in sources.everything.list[0]',
      undefined,
    ],
    [
      "a number that is text",
      source("number: x"),
      "2:25 CFG010",
      'sources.everything.number: expected a number, found "x"',
      undefined,
    ],
    ["text that is a number", source("text: 5"), "2:23 CFG010", "expected text, found 5", '"5"'],
    ["a map that is a list", source("loose: [1]"), "2:24 CFG010", "expected a map, found a list", undefined],
    ["nothing", source("number:"), "2:17 CFG010", "expected a number, found nothing", undefined],
    [
      "a source that is a word",
      "sources:\n  everything: yes\n",
      "2:15 CFG010",
      "sources.everything: expected a map",
      undefined,
    ],
    [
      "one of some words",
      source("mode: sloppos"),
      "2:23 CFG013",
      'expected one of "auto", "slapos", "nagios"',
      "slapos",
    ],
    ["too small a count", source("count: 1"), "2:24 CFG014", "expected at least 2, found 1", undefined],
    ["half a count", source("count: 2.5"), "2:24 CFG010", "expected a whole number, found 2.5", undefined],
    ["a bad duration", source("duration: 5 mins"), "2:27 CFG022", "not a duration", undefined],
    [
      "a duration without unit",
      source("duration: 5"),
      "2:27 CFG022",
      "expected a duration with its unit",
      undefined,
    ],
    ["too long a duration", source("duration: 2h"), "2:27 CFG022", "too long: at most 1h", undefined],
    ["a bad size", source("size: 5 megs"), "2:23 CFG023", "not a size", undefined],
    ["an empty glob", source('glob: ""'), "2:23 CFG024", "a glob cannot be empty", undefined],
    ["six cron fields", source('cron: "* * * * * *"'), "2:23 CFG025", "expected five cron fields", undefined],
    ["a cron word", source('cron: "@hourly"'), "2:23 CFG025", "@hourly", undefined],
    [
      "a bad cron field",
      source('cron: "61 * * * *"'),
      "2:23 CFG025",
      "not a valid cron expression",
      undefined,
    ],
    ["an empty path", source('path: ""'), "2:23 CFG026", "a path cannot be empty", undefined],
    ["a side of a union", source("side: { cert: a, crt: x }"), "2:34 CFG012", 'unknown key "crt"', undefined],
    ["no side of a union", source("side: of"), "2:23 CFG010", 'expected "off" or a map, found "of"', "off"],
    ["an unknown kind", source("kind: { type: htp }"), "2:31 CFG013", "sources.everything.kind.type", "http"],
    [
      "a wrong key of a kind",
      source("kind: { type: tcp, port: 1, prt: 1 }"),
      "2:45 CFG012",
      'unknown key "prt"',
      undefined,
    ],
    [
      "an unknown key beside both sides",
      source("both: { a: 1, b: 2, c: 3 }"),
      "2:37 CFG012",
      'unknown key "c"',
      undefined,
    ],
    [
      "a bad key of a map",
      source("map: { AB: { a: 1 } }"),
      "2:24 CFG014",
      "lower-case letters only",
      undefined,
    ],
    [
      "deep in a tree",
      source("tree: { name: a, children: [{ name: b, chldren: [] }] }"),
      "2:56 CFG012",
      "tree.children[0]",
      "children",
    ],
    ["what the plugin refuses", source("even: 3"), "2:23 CFG014", "3 is odd", undefined],
    ["too short a list", source("pair: [a]"), "2:23", "sources.everything.pair", undefined],
    [
      "a label that is a number",
      source("labels: { v: 1.5 }"),
      "2:30 CFG010",
      "expected text, found 1.5",
      '"1.5"',
    ],
    ["a flag in quotes", source('flag: "yes"'), "2:23 CFG010", "expected true or false", undefined],
    [
      "a bad name",
      "sources:\n  a b: { type: everything }\n",
      "2:3 CFG021",
      '"a b" cannot name a source',
      undefined,
    ],
    [
      "the name of lifeguard itself",
      "sources:\n  lifeguard: { type: everything }\n",
      "2:3 CFG021",
      "lifeguard",
      undefined,
    ],
    ["an unknown plugin", "sources:\n  promisess:\n", "2:3 CFG016", 'unknown source "promisess"', "promises"],
    ["an unknown type", "sinks:\n  a: { type: wep }\n", "2:14 CFG016", 'unknown sink "wep"', "web"],
    ["a type that is no word", "sinks:\n  a: { type: [] }\n", "2:14 CFG010", "sinks.a.type", undefined],
    [
      "an unknown source in a role",
      "sources: { promises: { directory: . } }\nroles: { a: { sources: [promise] } }\n",
      "2:25 CFG020",
      'unknown source "promise" in roles.a.sources',
      "promises",
    ],
    [
      "an unknown sink in a role",
      "sinks: { web: }\nroles:\n  a: { sinks: wep }\n",
      "3:15 CFG020",
      'unknown sink "wep"',
      "web",
    ],
    [
      "an unknown source in from",
      "sources: { promises: { directory: . } }\nsinks: { web: { from: { sources: [promise, p*] } } }\n",
      "2:35 CFG020",
      'unknown source "promise" in sinks.web.from.sources',
      "promises",
    ],
    [
      "an unknown key in from",
      "sinks:\n  web: { from: { statsu: [ok] } }\n",
      "2:18 CFG012",
      "sinks.web.from",
      "status",
    ],
    [
      "an unknown status",
      "sinks:\n  web: { from: { status: [fine] } }\n",
      "2:27 CFG013",
      '"critical"',
      undefined,
    ],
    [
      "an unknown on",
      "sinks:\n  web: { from: { on: chnge } }\n",
      "2:22 CFG013",
      "sinks.web.from.on",
      "change",
    ],
    [
      "a bad batch",
      "sinks:\n  web: { batch: { max_wait: 5 } }\n",
      "2:29 CFG022",
      "sinks.web.batch.max_wait",
      undefined,
    ],
    ["a bad limit", "limits: { subject: 5 }\n", "1:11 CFG012", 'unknown key "subject" in limits', "subjects"],
    ["a bad journal", "journal: memroy\n", "1:10 CFG010", 'expected "memory" or a map', "memory"],
    [
      "a wrong option of a journal",
      "journal: { max_age: 1 day }\n",
      "1:21 CFG022",
      "journal.max_age",
      undefined,
    ],
  ])("%s", async (_what, text, where, message, suggestion) => {
    const [problem, ...others] = await folder.problems(text);
    expect(others.map(({ message }) => message)).toEqual([]);
    expect(`${problem?.line}:${problem?.column} ${problem?.code}`).toContain(where);
    expect(problem?.message).toContain(message);
    expect(problem?.suggestion).toBe(suggestion);
  });
});

test("the wrong option and the missing one are both told", async () => {
  folder.write(
    "x/mine.ts",
    'import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "", config: z.object({ every: z.number().describe("milliseconds") }), events: [], start() {} });',
  );
  expect(await folder.told("sources:\n  mine: { type: ./x/mine.ts, evry: 100 }\n")).toEqual([
    '2:3 CFG011 missing key "every" in sources.mine: milliseconds',
    '2:30 CFG012 unknown key "evry" in sources.mine',
  ]);
});

test("all mistakes come at once, by position, with the length of what is wrong", async () => {
  const problems = await folder.problems(
    "roles: { a: { sinks: [b] } }\nsources:\n  everything:\n    nummber: 1\n    mode: x\nsinks:\n  webb:\n",
  );
  expect(problems.map(({ line, column, code, length }) => [line, column, code, length])).toEqual([
    [1, 23, "CFG020", 1],
    [4, 5, "CFG012", 7],
    [5, 11, "CFG013", 1],
    [7, 3, "CFG016", 4],
  ]);
});

describe("a mistake behind an anchor is told where it is defined, and where it is used", () => {
  test("through an alias", async () => {
    expect(
      await folder.told(
        "sources:\n  a: { type: everything, loose: &x { a: b } }\n  b: { type: everything, loose: *x }\n",
      ),
    ).toEqual(['2:41 CFG010 sources.a.loose.a: expected a number, found "b" (used at 3:33)']);
  });

  test("through a merge key", async () => {
    expect(await folder.told("x-base: &b { nummber: 1 }\nsources:\n  everything: { <<: *b }\n")).toEqual([
      '1:14 CFG012 unknown key "nummber" in sources.everything (used at 3:21)',
    ]);
  });

  test("once, however often it is used", async () => {
    const uses = Array.from({ length: 50 }, (_, index) => `  s${index}: { <<: *b, type: everything }\n`).join(
      "",
    );
    const told = await folder.told(`x-base: &b { nummber: 1 }\nsources:\n${uses}`);
    expect(told).toEqual([
      '1:14 CFG012 unknown key "nummber" in sources.s0 (used at 3:13, 4:13, 5:13 and 47 more)',
    ]);
  });

  test("two missing keys of one anchor are two mistakes", async () => {
    expect(
      await folder.told(
        "x-base: &b { side: { more: x }, list: [{ }] }\nsources:\n  everything: { <<: *b }\n",
      ),
    ).toHaveLength(2);
  });
});

describe("a plugin's own mistake is told", () => {
  test("in its file, and where it is used, once for all its instances", async () => {
    const file = folder.write("mine.ts", "export default 1;\nconst a: = 2;\n");
    const problems = await folder.problems("sources:\n  a: { type: ./mine.ts }\n  b: { type: ./mine.ts }\n");
    expect(problems).toEqual([
      expect.objectContaining({
        code: "CFG017",
        file,
        line: 2,
        column: 10,
        message: expect.stringContaining("(used at monitors.yaml:2:14, monitors.yaml:3:14)"),
      }),
    ]);
  });

  test.each([
    ["./gone.ts", "CFG017", "does not exist"],
    ["./text.ts", "CFG018", "no default export"],
    ["./new.ts", "CFG018", "contract 9"],
  ])("at the reference: %s", async (reference, code, message) => {
    folder.write("text.ts", "export const a = 1;");
    folder.write(
      "new.ts",
      'import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "", contract: 9, config: z.object({}), events: [], start() {} });',
    );
    const [told] = await folder.told(`sources:\n  mine: { type: ${reference} }\n`);
    expect(told).toContain(`2:17 ${code}`);
    expect(told).toContain(message);
  });

  test("when its schema throws", async () => {
    folder.write(
      "mine.ts",
      'import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "", config: z.object({ a: z.any().transform(() => { throw new TypeError("oh"); }) }), events: [], start() {} });',
    );
    expect(await folder.told("sources:\n  mine: { type: ./mine.ts, a: 1 }\n")).toEqual([
      expect.stringMatching(/^2:3 CFG018 .*throws TypeError/),
    ]);
  });
});

describe("syntax", () => {
  test.each([
    [
      "an unquoted reference in a flow map",
      `sinks:\n  web: { listen: \${env:A:-127.0.0.1:1} }\n`,
      "2:18 CFG002 inside { } and [ ] a reference must be quoted",
    ],
    ["a key twice", "title: a\ntitle: b\n", '2:1 CFG003 the key "title" stands twice'],
    ["a tab", "sources:\n\tpromises:\n", "2:1 CFG002 a tab cannot indent"],
    ["an open quote", "title: 'a\n", "CFG002 a quote that was opened"],
    ["a colon in a value", "title: a: b\n", '1:8 CFG002 a value cannot hold ": "'],
    ["an at sign", "title: @a\n", "1:8 CFG002 a value cannot begin with @"],
    ["a second document", "title: a\n---\ntitle: b\n", "2:1 CFG002 a second document"],
    ["an unknown tag", "title: !foo a\n", "1:8 CFG002 unknown tag !foo"],
    ["an unknown anchor", "title: *a\n", "1:8 CFG002 no anchor &a"],
    ["an anchor in itself", "sources: &a { b: *a }\n", "1:18 CFG004 *a contains itself"],
    ["a list", "- a\n", "1:1 CFG010 a configuration is a map"],
    ["a word", "hello\n", "1:1 CFG010 a configuration is a map"],
    ["nothing", "", "1:1 CFG011 the configuration is empty"],
    ["only a comment", "# hello\n", "1:1 CFG011 the configuration is empty"],
    ["a brace too many", "title: a}\nlimits: {}}\n", "2:11 CFG002"],
  ])("%s", async (_what, text, told) => {
    const all = await folder.told(text);
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(told);
  });

  test("a mistake in the syntax of a reference hides no other", async () => {
    expect(
      await folder.told(`sinks:\n  web: { listen: \${env:A}, lsten: [\${env:B}] }\nlimits: { x: 1 }\n`),
    ).toEqual([
      "2:18 CFG002 inside { } and [ ] a reference must be quoted",
      '2:28 CFG012 unknown key "lsten" in sinks.web',
      "2:36 CFG002 inside { } and [ ] a reference must be quoted",
      '3:11 CFG012 unknown key "x" in limits',
    ]);
  });

  test("several mistakes are all told", async () => {
    const told = await folder.told("title: @a\nlimits: {}\ndata: `b\ntitle: c\n");
    expect(told.map((line) => line.slice(0, 10))).toEqual(["1:8 CFG002", "3:7 CFG002", "4:1 CFG003"]);
  });

  test("line ends of Windows and a byte order mark move nothing", async () => {
    expect(await folder.told("\uFEFFtitle: a\r\nlimits: { x: 1 }\r\n")).toEqual([
      '2:11 CFG012 unknown key "x" in limits',
    ]);
    expect(await folder.told("\uFEFFtitel: a\r\n")).toEqual(['1:1 CFG012 unknown key "titel"']);
  });
});

describe("what is no configuration at all is told", () => {
  test("a missing file", async () => {
    expect(await folder.told()).toEqual([
      expect.stringMatching(/^1:1 CFG001 .*monitors\.yaml does not exist/),
    ]);
  });

  test("binary garbage", async () => {
    expect(await folder.told(Uint8Array.from([0xff, 0xfe, 0x00, 0xc3]))).toEqual([
      expect.stringContaining("CFG001"),
    ]);
    expect(await folder.told("title: a\0b")).toEqual([expect.stringContaining("CFG001")]);
  });

  test("a folder", async () => {
    folder.write("monitors.yaml/x", "");
    expect(await folder.told()).toEqual([expect.stringContaining("is a folder")]);
  });

  test.each([
    ["{".repeat(5000)],
    ["[".repeat(50_000)],
    ["- ".repeat(20_000)],
    [Array.from({ length: 2000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    [`title: ${"[".repeat(200)}${"]".repeat(200)}`],
  ])("nesting beyond all measure", async (text) => {
    const told = await folder.told(text);
    expect(told.some((line) => line.includes("CFG004"))).toBe(true);
    expect(told.length).toBeLessThan(5);
  });

  test("aliases of aliases of aliases", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `x-${level}: &l${level} [${level === 0 ? "a" : `${`*l${level - 1}, `.repeat(9)}`}]`,
    );
    const told = await folder.told(levels.join("\n"));
    expect(told.some((line) => line.includes("CFG004"))).toBe(true);
  });
});

test("a misspelt plugin does not hide a misspelt name in a subscription", async () => {
  expect(
    await folder.told(
      "sources:\n  promises: { directory: . }\n  b: { type: promisess }\nsinks: { web: { from: { sources: [promise] } } }\n",
    ),
  ).toEqual([expect.stringContaining("CFG016"), expect.stringContaining('CFG020 unknown source "promise"')]);
});
