import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { loadConfig } from "../../../../src/core/config/load-config.ts";
import type { Config, LoadResult, Problem } from "../../../../src/core/config/model.ts";
import type { BuiltinList } from "../../../../src/core/plugins/builtin-list.ts";
import { PluginLoader } from "../../../../src/core/plugins/loader.ts";
import {
  cron,
  defineSink,
  defineSource,
  duration,
  glob,
  moduleRef,
  path,
  secret,
  size,
  z,
} from "../../../../src/plugin/index.ts";

interface Tree {
  name: string;
  children?: Tree[] | undefined;
}
const tree: z.ZodType<Tree, Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree).optional();
  },
});

/** A source that has a field of every kind. */
const everything = z.object({
  number: z.number().optional(),
  count: z.int().min(2).max(9).optional(),
  text: z.string().optional(),
  flag: z.boolean().optional(),
  mode: z.enum(["auto", "slapos", "nagios"]).optional(),
  duration: duration({ max: "1h" }).optional(),
  size: size().optional(),
  glob: glob().optional(),
  cron: cron().optional(),
  path: path().optional(),
  file: path({ exists: true }).optional(),
  password: secret().optional(),
  list: z.array(z.object({ host: z.string(), port: z.number().default(80) })).optional(),
  pair: z.tuple([z.string(), z.number()]).optional(),
  map: z
    .record(z.string().regex(/^[a-z]+$/, "lower-case letters only"), z.object({ a: z.number() }))
    .optional(),
  loose: z.looseObject({ a: z.number() }).optional(),
  side: z
    .union([
      z.literal("off"),
      z.object({ cert: z.string() }),
      z.object({ key: z.string(), more: z.string() }),
    ])
    .optional(),
  kind: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("http"), url: z.string() }),
      z.object({ type: z.literal("tcp"), port: z.number() }),
    ])
    .optional(),
  both: z.intersection(z.object({ a: z.number() }), z.object({ b: z.number() })).optional(),
  tree: tree.optional(),
  coerced: z.coerce.number().optional(),
  even: z
    .number()
    .refine((value) => value % 2 === 0, { error: (issue) => `${issue.input} is odd` })
    .optional(),
});

const start = () => {};
const close = { close: async () => {} };

const builtins: BuiltinList = {
  sources: {
    everything: async () => ({
      default: defineSource({
        name: "everything",
        summary: "every kind of field",
        config: everything,
        events: ["a.seen"],
        start,
      }),
    }),
    promises: async () => ({
      default: defineSource({
        name: "promises",
        summary: "promises",
        config: z.object({
          directory: path().describe("The folder of promises."),
          interval: duration().prefault("1m"),
        }),
        events: ["promise.ran"],
        start,
      }),
    }),
    nsm: async () => ({
      default: defineSource({ name: "nsm", summary: "nsm", config: z.object({}), events: [], start }),
    }),
    relay: async () => ({
      default: defineSource({ name: "relay", summary: "relay", config: z.object({}), events: [], start }),
    }),
    clusters: async () => ({
      default: defineSource({
        name: "clusters",
        summary: "clusters",
        config: z.object({
          every: duration().prefault("30s"),
          connectors: z
            .array(
              z.object({
                name: z.string(),
                connector: moduleRef("connector"),
                timeout: duration().optional(),
              }),
            )
            .default([]),
        }),
        events: [],
        start,
      }),
    }),
  },
  sinks: {
    web: async () => ({
      default: defineSink({
        name: "web",
        summary: "web",
        delivery: "live",
        config: z.object({ listen: z.string().default("127.0.0.1:8080"), password: secret().optional() }),
        start: () => close,
      }),
    }),
    console: async () => ({
      default: defineSink({
        name: "console",
        summary: "console",
        delivery: "live",
        config: z.object({}),
        start: () => close,
      }),
    }),
    relay: async () => ({
      default: defineSink({ name: "relay", summary: "relay", config: z.object({}), start: () => close }),
    }),
    greedy: async () => ({
      default: defineSink({
        name: "greedy",
        summary: "greedy",
        types: ["*", "subject.retired"],
        batch: { maxEvents: 3000, maxBytes: 2 ** 22 },
        config: z.object({}),
        start: () => close,
      }),
    }),
  },
};

/** A folder with a monitors.yaml and whatever belongs to it, and the loader of its plugins. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), "lifeguard-config-"));
  readonly file = join(this.path, "monitors.yaml");
  readonly loader = new PluginLoader({ builtins });
  env: Record<string, string | undefined> = {};

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  write(name: string, text: string | Uint8Array): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Loads `text` as monitors.yaml; without a text, what is there. */
  load(
    text?: string | Uint8Array,
    more: { role?: string; dataDirectory?: string } = {},
  ): Promise<LoadResult> {
    if (text !== undefined) this.write("monitors.yaml", text);
    return loadConfig({ file: this.file, env: this.env, loader: this.loader, ...more });
  }

  /** Loads what must be valid. */
  async valid(text?: string, more: { role?: string; dataDirectory?: string } = {}): Promise<Config> {
    const result = await this.load(text, more);
    if (!result.ok) expect.fail(result.problems.map(place).join("\n"));
    return result.config;
  }

  /** Loads what must not be valid. */
  async problems(text?: string | Uint8Array, more: { role?: string } = {}): Promise<readonly Problem[]> {
    const result = await this.load(text, more);
    if (result.ok) expect.fail("it is valid");
    return result.problems;
  }

  /** The problems as `line:column code message`. */
  async told(text?: string | Uint8Array, more: { role?: string } = {}): Promise<readonly string[]> {
    return (await this.problems(text, more)).map(place);
  }
}

/** `3:7 CFG012 unknown key "a" in sources.b`. */
export function place({ line, column, code, message }: Problem): string {
  return `${line}:${column} ${code} ${message}`;
}

/** A reference of monitors.yaml: `ref("env:A")`. Written out, it would look like a forgotten template. */
export function ref(inside: string): string {
  return `\${${inside}}`;
}
