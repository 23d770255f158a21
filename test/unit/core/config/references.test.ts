import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatProblems } from "../../../../src/core/config/print-problems.ts";
import { ConfigFolder, ref } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

async function value(options: string): Promise<unknown> {
  const config = await folder.valid(`sources:\n  everything: { ${options} }\n`);
  return config.sources.get("everything")?.config;
}

describe("a reference stands for", () => {
  test("an environment variable", async () => {
    folder.env.A = "word";
    expect(await value(`text: "${ref("env:A")}"`)).toEqual({ text: "word" });
  });

  test("its default, when the variable is not set or empty", async () => {
    folder.env.EMPTY = "";
    expect(await value(`text: "${ref("env:A:-a:-b")}"`)).toEqual({ text: "a:-b" });
    expect(await value(`text: "${ref("env:EMPTY:-x")}"`)).toEqual({ text: "x" });
    expect(await value(`text: "${ref("env:A:-")}"`)).toEqual({ text: "" });
    expect(await value(`text: "${ref("env:EMPTY")}"`)).toEqual({ text: "" });
  });

  test("the content of a file beside the one it stands in, without its last line break", async () => {
    folder.write("secrets/a", "line\n");
    folder.write("conf/more.yaml", `sources:\n  everything: { text: "${ref("file:../secrets/a")}" }\n`);
    const config = await folder.valid("include: conf/more.yaml\n");
    expect(config.sources.get("everything")?.config).toEqual({ text: "line" });
  });

  test("part of a text, several times", async () => {
    folder.env.A = "a";
    expect(await value(`text: "x-${ref("env:A")}-${ref("env:B:-b")}"`)).toEqual({ text: "x-a-b" });
  });

  test("a number or a flag, quoted or not", async () => {
    folder.env = { N: "42", F: "true", H: "0x1f", E: "1.5e3" };
    expect(await value(`number: "${ref("env:N")}", flag: "${ref("env:F")}"`)).toEqual({
      number: 42,
      flag: true,
    });
    expect(await value(`number: "${ref("env:H")}"`)).toEqual({ number: 31 });
    const config = await folder.valid(
      `sources:\n  everything:\n    number: ${ref("env:E")}\n    flag: ${ref("env:X:-false")}\n`,
    );
    expect(config.sources.get("everything")?.config).toEqual({ number: 1500, flag: false });
  });

  test("text, where text is wanted, although it looks like a number", async () => {
    folder.env = { PIN: "0123", ID: "12345678901234567890", YES: "true" };
    expect(await value(`text: "${ref("env:PIN")}", labels: { id: "${ref("env:ID")}" }`)).toEqual({
      text: "0123",
    });
    expect(await value(`list: [{ host: "${ref("env:YES")}", port: "${ref("env:PIN")}" }]`)).toEqual({
      list: [{ host: "true", port: 123 }],
    });
    expect(await value(`text: "${ref("env:PIN")}", even: "${ref("env:TWO:-2")}"`)).toEqual({
      text: "0123",
      even: 2,
    });
  });

  test("a type, a duration, a part of one", async () => {
    folder.env = { T: "everything", S: "30" };
    const config = await folder.valid(
      `sources:\n  mine: { type: "${ref("env:T")}", duration: "${ref("env:S")}s" }\n`,
    );
    expect(config.sources.get("mine")).toMatchObject({ type: "everything", config: { duration: 30_000 } });
  });

  test("nothing more than text: it cannot bring in YAML", async () => {
    folder.env.A = "x, number: 5 }\nsinks: {}";
    expect(await value(`text: "${ref("env:A")}"`)).toEqual({ text: folder.env.A });
  });
});

test("$${ is the text itself", async () => {
  expect(await value(`text: "a$${ref("env:A")}b $${ref("")}"`)).toEqual({
    text: `a${ref("env:A")}b ${ref("")}`,
  });
});

describe("what is wrong with a reference is told at its value", () => {
  test.each([
    [ref("env:GONE"), "CFG007 the environment variable GONE is not set"],
    [`a-${ref("env:GONE")}`, "CFG007"],
    [ref("file:./gone"), "CFG008 the file ./gone does not exist"],
    [ref("file:."), "CFG008 the file . is a folder"],
    [ref("HOME"), `CFG006 ${ref("HOME")} is no reference`],
    [ref("env:1A"), "CFG006"],
    [ref("file:"), "CFG006"],
    ["${env:A", "CFG006"],
  ])("%s", async (text, message) => {
    const told = await folder.told(`sources:\n  everything: { number: "${text}" }\n`);
    expect(told).toEqual([expect.stringContaining(`2:25 ${message}`)]);
  });
});

test("what a missing value leads to is not told as well", async () => {
  const options = (value: string) =>
    `sources:\n  everything: { side: { cert: "${value}" }, both: { a: 1, b: "${value}" } }\n`;
  const told = await folder.told(options(ref("env:GONE")));
  expect(told.map((line) => line.slice(0, 11))).toEqual(["2:31 CFG007", "2:65 CFG007"]);
  folder.write(
    "mine.ts",
    `import { defineSource, z } from "lifeguard/plugin";
     const config = z.object({ a: z.string().optional(), b: z.string().optional() }).refine(({ a, b }) => a ?? b, "needs a or b");
     export default defineSource({ name: "m", summary: "", config, events: [], start() {} });`,
  );
  const mine = (inside: string) => folder.told(`sources:\n  mine: { type: ./mine.ts${inside} }\n`);
  expect(await mine(`, a: "${ref("env:GONE")}"`)).toEqual([expect.stringContaining("CFG007")]);
  expect(await mine("")).toEqual([expect.stringContaining("needs a or b")]);
});

describe("a value that came by reference is never shown", () => {
  test.each([
    ["number", "hunter2"],
    ["mode", "hunter2"],
    ["duration", "hunter2"],
    ["cron", "hunter2 * * * *"],
    ["even", "31337"],
    ["side", "hunter2"],
    ["kind", "hunter2"],
    ["labels", "hunter2"],
    ["enabled", "hunter2"],
    ["type", "./hunter2-plugin"],
  ])("by %s", async (key, secret) => {
    folder.env.SECRET = secret;
    folder.write("secret", secret);
    for (const source of ["env:SECRET", "file:secret"]) {
      const text = `sources:\n  everything: { ${key}: "${ref(source)}" }\n`;
      const result = await folder.load(text);
      const printed = result.ok ? "" : formatProblems(result.problems, result.texts, { color: false });
      expect(printed).toContain("monitors.yaml:2:2");
      expect(printed).not.toContain(secret.slice(0, 5));
    }
  });

  test("inside a longer text", async () => {
    folder.env.SECRET = "hunter2";
    const told = await folder.told(`sources:\n  everything: { cron: "${ref("env:SECRET")} 1 * * *" }\n`);
    expect(told).toEqual([expect.stringMatching(/^2:23 CFG025/)]);
    expect(told[0]).not.toContain("hunter2");
  });
});

describe("secrets", () => {
  test("are known, so that they can be kept out of all output", async () => {
    folder.env.A = "hunter2";
    folder.env.PLAIN = "plain";
    folder.write("token", "t0ken\n");
    const config = await folder.valid(
      `title: "${ref("file:token")}"\nsources:\n  everything: { password: "x-${ref("env:A")}", text: "${ref("env:PLAIN")}" }\n`,
    );
    expect([...config.secrets].sort()).toEqual(["hunter2", "t0ken", "x-hunter2"]);
  });

  test("are also variables that look like it, wherever they stand; their defaults and others are not", async () => {
    Object.assign(folder.env, {
      DB_PASSWORD: "hunter2",
      DATABASE_URL: "pg://me:s3cret@db/x",
      WHERE: "127.0.0.1:80",
    });
    const config = await folder.valid(
      `title: "${ref("env:WHERE")} ${ref("env:A_TOKEN:-fallback")}"\nsources:\n  everything: { text: "a-${ref("env:DB_PASSWORD")}", path: "${ref("env:DATABASE_URL")}" }\n`,
    );
    expect([...config.secrets].sort()).toEqual([
      "hunter2",
      "pg%3A%2F%2Fme%3As3cret%40db%2Fx",
      "pg://me:s3cret@db/x",
      "s3cret",
    ]);
  });

  test("by the name of an included file", async () => {
    folder.env.SECRET = "hunter2";
    const [told] = await folder.told(`include: "${ref("env:SECRET")}.yaml"\nsources: { everything: }\n`);
    expect(told).toContain("CFG005");
    expect(told).not.toContain("hunter2");
  });

  test("may be digits", async () => {
    folder.env.A = "123456";
    expect(await value(`password: "${ref("env:A")}"`)).toEqual({ password: "123456" });
  });

  test("cannot stand in plain text, and are not printed then", async () => {
    const result = await folder.load("sources:\n  everything: { password: hunter2, nummber: 1 }\n");
    const problems = result.ok ? [] : result.problems;
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      "2:27 CFG009",
      "2:36 CFG012",
    ]);
    if (!result.ok)
      expect(formatProblems(result.problems, result.texts, { color: false })).not.toContain("hunter2");
  });

  test("cannot be empty", async () => {
    expect(await folder.told(`sources:\n  everything: { password: "${ref("env:A:-")}" }\n`)).toEqual([
      expect.stringContaining("the secret is empty"),
    ]);
  });
});
