import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LoadedModule } from "../../../../src/plugin/index.ts";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
  folder.write("near.ts", 'export const answer = "42";');
  folder.write(
    "ssh.ts",
    connector(
      "z.object({ host: z.string().describe('Where to.'), deep: z.object({ a: z.number() }).optional(), password: secret().optional(), key: path().optional() })",
    ),
  );
});
afterEach(() => folder[Symbol.dispose]());

function connector(config: string): string {
  return `import { defineModule, path, secret, z } from "lifeguard/plugin";
    import { answer } from "./near.ts";
    export default defineModule("connector", { name: "ssh", summary: "ssh", config: ${config}, api: { answer } });`;
}

const clusters = (connectors: string) => `sources:\n  clusters: { connectors: [${connectors}] }\n`;

test("a module is loaded, and validates the keys beside its reference", async () => {
  const config = await folder.valid(
    clusters("{ name: a, connector: ./ssh.ts, timeout: 3s, host: h, key: ./k }"),
  );
  const { config: output } = config.sources.get("clusters") as { config: unknown };
  const { connectors } = output as {
    connectors: { name: string; timeout: number; connector: LoadedModule<{ answer: string }> }[];
  };
  const [first] = connectors;
  expect(first).toMatchObject({ name: "a", timeout: 3000 });
  expect(first?.connector.reference).toBe("./ssh.ts");
  expect(first?.connector.definition.api).toEqual({ answer: "42" });
  expect(first?.connector.config).toEqual({ host: "h", key: join(folder.path, "k") });
  expect(config.watched).toContain(join(folder.path, "near.ts"));
});

test.each([
  ["{ name: a, connector: ./ssh.ts, host: 1 }", "2:66 CFG010"],
  ["{ name: a, connector: ./ssh.ts, hsot: x, host: h }", "2:60 CFG012"],
  ["{ name: a, connector: ./ssh.ts, host: h, deep: { a: 1, b: 2 } }", "2:83 CFG012"],
  [
    "{ name: a, connector: ./ssh.ts }",
    '2:28 CFG011 missing key "host" in sources.clusters.connectors[0]: Where to',
  ],
  ["{ name: a, connector: ./gone.ts, host: h }", "2:50 CFG017"],
  ["{ name: a, connector: ./near.ts }", "2:50 CFG018"],
  ["{ name: a, host: h }", "2:28 CFG011"],
  ["{ name: a, connector: 5 }", "2:50 CFG010"],
  ["{ name: a, connector: ./ssh.ts, host: h, password: plain }", "2:79 CFG009"],
])("what is wrong is told at its place: %s", async (item, told) => {
  const all = await folder.told(clusters(item));
  expect(
    all.some((line) => line.startsWith(told)),
    all.join("\n"),
  ).toBe(true);
});

test("one broken module does not hide what is wrong with another", async () => {
  const told = await folder.told(
    clusters("{ name: a, connector: ./gone.ts, host: h }, { name: b, connector: ./ssh.ts }"),
  );
  expect(told).toHaveLength(2);
});

test("a changed neighbour of a module changes its source, and no other", async () => {
  const text = `${clusters("{ name: a, connector: ./ssh.ts, host: h }")}  everything:\n`;
  const before = await folder.valid(text);
  folder.write("near.ts", 'export const answer = "43";');
  const after = await folder.valid(text);
  expect(after.sources.get("clusters")?.hash).not.toBe(before.sources.get("clusters")?.hash);
  expect(after.sources.get("everything")?.hash).toBe(before.sources.get("everything")?.hash);
});
