import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../../../src/core/config/config-schema.ts";
import type { JsonSchema } from "../../../../src/core/config/json-schema.ts";
import { ref as bare, ConfigFolder } from "./fixture.ts";

// The validator is a dependency of our web server; it does not export types that fit ES modules.
const { default: Ajv } = createRequire(import.meta.url)("ajv") as {
  default: new (
    options: object,
  ) => { compile(schema: object): ((data: unknown) => boolean) & { errors: unknown } };
};

const ref = (inside: string) => `"${bare(inside)}"`;

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
  folder.env = { N: "5", T: "everything", E: "auto", D: "5s", S: "secret", F: "true", H: "2h" };
  folder.write("token", "x");
  folder.write(
    "x/mine.ts",
    `import { defineSource, z } from "lifeguard/plugin";
     export default defineSource({ name: "m", summary: "My own source", config: z.object({ every: z.number() }), events: [], start() {} });`,
  );
  folder.write(
    "ssh.ts",
    `import { defineModule, z } from "lifeguard/plugin";
     export default defineModule("connector", { name: "ssh", summary: "ssh", config: z.object({ host: z.string() }), api: {} });`,
  );
});
afterEach(() => folder[Symbol.dispose]());

async function schemaOf(
  text: string,
): Promise<{ schema: JsonSchema; accepts: (text: string) => boolean; errors(): string }> {
  const file = folder.write("monitors.yaml", text);
  const schema = await configSchema({ loader: folder.loader, env: folder.env, file });
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  return {
    schema,
    accepts: (yaml) => validate(parse(yaml, { merge: true })),
    errors: () => JSON.stringify(validate.errors),
  };
}

describe("the schema accepts what the validation accepts", () => {
  test.each([
    ["the least", "sinks:\n  web:\n"],
    ["empty sections", "title: a\nsources:\nsinks:\nroles:\nmaintenance:\n"],
    [
      "all of core",
      "title: a\ndata: ./d\njournal: { sync: normal, max_age: 1d, max_bytes: 1MB }\nlimits: { subjects: 1, event_size: 1KiB }\nshutdown_timeout: 1s\ninclude: []\nroles: { r: { sources: [], sinks: web } }\nsinks: { web: { from: { sources: [a*], types: x, status: [ok], labels: { a: b }, on: change }, delivery: live, batch: { max_events: 1 }, retry: { max_attempts: 1 }, timeout: 1s } }\n",
    ],
    [
      "maintenance windows",
      `maintenance:\n  - { subjects: a/*, from: "2026-12-01T22:00:00+01:00", until: 2026-12-02T02:00Z }\n  - { labels: { a: [b, c] }, why: x, schedule: "0 2 * * sun", timezone: UTC, for: 2h }\n  - { subjects: [${ref("env:T")}], schedule: "* * * * *", for: ${ref("env:H")} }\n`,
    ],
    ["a journal in memory", "journal: memory\nsinks: { web: }\n"],
    [
      "every kind of field",
      "sources:\n  mine: { type: everything, labels: { a: b }, group: g, enabled: false, number: 1, count: 3, text: a, flag: true, mode: auto, duration: 1m30s, size: 1KiB, glob: a*, cron: '* * * * *', path: ./a, list: [{ host: a }], pair: [a, 1], map: { a: { a: 1 } }, loose: { a: 1, b: 2 }, side: off, kind: { type: tcp, port: 1 }, both: { a: 1, b: 2 }, coerced: '1', even: 2 }\n",
    ],
    [
      "other sides and recursion",
      "sources:\n  everything: { side: { key: a, more: b }, tree: { name: a, children: [{ name: b, children: [] }] }, coerced: 1 }\n",
    ],
    [
      "a reference for any scalar",
      `title: ${ref("env:S")}\nshutdown_timeout: ${ref("env:D")}\njournal: ${ref("env:J:-memory")}\nlimits: { subjects: ${ref("env:N")} }\nsources:\n  everything: { enabled: ${ref("env:F")}, number: ${ref("env:N")}, count: ${ref("env:N")}, flag: ${ref("env:F")}, mode: ${ref("env:E")}, duration: ${ref("env:D")}, size: "${bare("env:N")}B", cron: "${bare("env:N")} * * * *", password: ${ref("file:token")}, pair: [${ref("env:S")}, ${ref("env:N")}], map: { a: { a: ${ref("env:N")} } }, side: ${ref("env:O:-off")}, list: [{ host: ${ref("env:N")}, port: ${ref("env:N")} }] }\nsinks:\n  web: { delivery: ${ref("env:X:-live")}, from: { status: ${ref("env:X:-ok")}, on: ${ref("env:X:-change")} } }\n`,
    ],
    [
      "a type by reference",
      `sources:\n  mine: { type: ${ref("env:T")}, number: 1 }\n  everything: { type: ${ref("env:X:-promises")}, directory: . }\n`,
    ],
    ["a built-in's name for another plugin", "sources:\n  promises: { type: everything, number: 1 }\n"],
    ["a plugin of one's own", "sources:\n  mine: { type: ./x/mine.ts, every: 5 }\n"],
    ["anchors", "x-base: &b { number: 1 }\nx-what: ever\nsources:\n  everything: { <<: *b }\n"],
    ["modules", "sources:\n  clusters: { connectors: [{ name: a, connector: ./ssh.ts, host: h }] }\n"],
  ])("%s", async (_what, text) => {
    await folder.valid(text);
    const { accepts, errors } = await schemaOf(text);
    expect(accepts(text), errors()).toBe(true);
  });
});

describe("the schema refuses", () => {
  test.each([
    ["an unknown key of core", "tilte: a\n"],
    ["an unknown key of a built-in by its name", "sources: { everything: { nummber: 1 } }\n"],
    ["an unknown key of a built-in by its type", "sources: { a: { type: everything, nummber: 1 } }\n"],
    ["a wrong type", "sources: { everything: { number: a } }\n"],
    ["a missing key", "sources: { promises: { } }\n"],
    [
      "an unknown key of a plugin of one's own",
      "sources: { mine: { type: ./x/mine.ts, every: 1, evry: 5 } }\n",
    ],
    ["an unknown key in from", "sinks: { web: { from: { onn: change } } }\n"],
    ["a word that is none of those allowed", "sinks: { web: { from: { on: chnge } } }\n"],
    [
      "an unknown key deep in a tree",
      "sources: { everything: { tree: { name: a, children: [{ nam: b }] } } }\n",
    ],
  ])("%s", async (_what, text) => {
    const { accepts } = await schemaOf("sources: { mine: { type: ./x/mine.ts, every: 5 } }\n");
    expect(accepts(text)).toBe(false);
  });
});

test("the schema is draft-07, and tells what each key is, its default and examples", async () => {
  const { schema } = await schemaOf("sources: { mine: { type: ./x/mine.ts, every: 5 } }\n");
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  const { properties, definitions } = schema as {
    properties: Record<string, JsonSchema>;
    definitions: Record<string, JsonSchema>;
  };
  expect(properties.shutdown_timeout).toMatchObject({ description: expect.any(String), default: "20s" });
  expect(properties.title).toMatchObject({ examples: ["My platform"] });
  const promises = definitions["source.promises"] as { properties: Record<string, JsonSchema> };
  expect(promises.properties).toMatchObject({
    directory: { description: "The folder of promises.", examples: ["./file"] },
    interval: { default: "1m" },
    enabled: { default: true },
    labels: { description: expect.any(String) },
  });
  expect(definitions["source.-x-mine.ts"] ?? definitions["source..-x-mine.ts"]).toMatchObject({
    description: "My own source",
  });
});

test("a plugin that does not load leaves its instances open, and breaks nothing", async () => {
  folder.write("x/broken.ts", "export default (");
  const { accepts } = await schemaOf("sources: { mine: { type: ./x/broken.ts, a: 1 } }\n");
  expect(accepts("sources: { mine: { type: ./x/broken.ts, a: 1 } }\n")).toBe(true);
  const missing = await configSchema({
    loader: folder.loader,
    env: {},
    file: join(folder.path, "gone.yaml"),
  });
  expect(missing.definitions).toHaveProperty(["sink.web"]);
});
