import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { builtins } from "../../../../src/builtin.ts";
import { loadConfig } from "../../../../src/core/config/load-config.ts";
import { PluginLoader } from "../../../../src/core/plugins/loader.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-database-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(options: string, env: Record<string, string> = {}) {
  const file = join(folder, "monitors.yaml");
  writeFileSync(file, `sinks:\n  database: ${options}\n`);
  const result = await loadConfig({ file, env, loader: new PluginLoader({ builtins }) });
  return result.ok
    ? { config: result.config.sinks.get("database")?.config, secrets: result.config.secrets }
    : { problems: result.problems.map(({ code, message }) => `${code} ${message}`) };
}

test("without options there is a file of its own, and everything is kept for a while", async () => {
  const DAY = 86_400_000;
  expect((await load("{}")).config).toEqual({
    pool: 4,
    retention: { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY },
  });
});

test("a file of SQLite may be written as a path, resolved against the configuration", async () => {
  for (const url of ["./db/history.db", "sqlite:db/history.db", "sqlite:./db/history.db"])
    expect((await load(`{ url: "${url}" }`)).config).toMatchObject({
      url: { path: join(folder, "db/history.db") },
    });
  for (const url of ["/var/lib/h.db", "sqlite:/var/lib/h.db", "sqlite:///var/lib/h.db"])
    expect((await load(`{ url: "${url}" }`)).config).toMatchObject({ url: { path: "/var/lib/h.db" } });
});

test("a URL with a password comes by reference, and is a secret then", async () => {
  const url = "postgres://me:hidden-word@db.example:5432/history";
  const refused = await load(`{ url: "${url}" }`);
  expect(refused.problems).toEqual([expect.stringMatching(/^CFG009 /)]);
  expect(JSON.stringify(refused)).not.toContain("hidden-word");
  const { config, secrets } = await load('{ url: "${env:DATABASE_URL}" }', { DATABASE_URL: url });
  expect(config).toMatchObject({ url: { url } });
  expect(secrets).toContain(url);
});

test("a password with signs that end it in a URL is refused with what to write instead, and is a secret all the same", async () => {
  for (const password of [
    "12/34hidden-word",
    "12#hidden-word",
    "top#hidden-word",
    "12?hidden-word",
    "50%hidden-word",
  ]) {
    const url = `postgres://me:${password}@db.example/history`;
    expect((await load(`{ url: "${url}" }`)).problems?.join()).toMatch(/^CFG009 /);
    const { problems } = await load('{ url: "${env:DATABASE_URL}" }', { DATABASE_URL: url });
    expect(problems).toEqual([expect.stringMatching(/write \/ # \? @ : % in user or password as %2F/)]);
    expect(problems?.join()).not.toContain("hidden-word");
  }
  const encoded = "postgres://me:12%2F34%23%3F%40@db.example/history?user=me@cloud";
  expect((await load('{ url: "${env:DATABASE_URL}" }', { DATABASE_URL: encoded })).config).toMatchObject({
    url: { url: encoded },
  });
});

test("a URL without a password may stand as it is", async () => {
  const url = "postgresql://lifeguard@127.0.0.1:5432/history";
  expect((await load(`{ url: "${url}" }`)).config).toMatchObject({ url: { url } });
});

test("the password may come apart from the URL, and both it and a schema are for PostgreSQL only", async () => {
  const url = "postgres://lifeguard@127.0.0.1:5432/history?sslmode=verify-full";
  const { config, secrets } = await load(
    `{ url: "${url}", password: "\${env:DB_PASSWORD}", schema: lifeguard }`,
    { DB_PASSWORD: "hidden-word" },
  );
  expect(config).toMatchObject({ url: { url }, password: "hidden-word", schema: "lifeguard" });
  expect(secrets).toContain("hidden-word");
  expect((await load('{ password: "hidden-word" }')).problems?.join()).toMatch(/^CFG009 /);
  expect((await load("{ schema: lifeguard }")).problems?.join()).toMatch(/"schema" is for PostgreSQL only/);
  expect((await load(`{ url: "${url}", schema: ${"ä".repeat(32)} }`)).problems?.join()).toMatch(/63 bytes/);
});

test("a misspelt sslmode is refused, since the driver would take it for another one", async () => {
  const { problems } = await load('{ url: "postgres://db/history?sslmode=requir" }');
  expect(problems?.join()).toMatch(/no such sslmode: write one of disable, prefer, require/);
});

test("what is no database is refused, with a word on what would be", async () => {
  expect((await load('{ url: "mysql://db/history" }')).problems?.join()).toMatch(/mysql.*postgres:\/\//);
  expect((await load('{ url: "sqlite:" }')).problems?.join()).toMatch(/the path is empty/);
  expect((await load("{ retention: { events: 1h } }")).problems?.join()).toMatch(/at least 1d/);
  expect((await load("{ pool: 1 }")).problems?.join()).toMatch(/at least 2/);
});
