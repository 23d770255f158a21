import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestStore } from "../sinks/database/open-store.ts";
import { Script } from "../sinks/database/script.ts";

const HOUR = 3_600_000;
/** Tables of lifeguard itself, which the page names and does not explain. */
const OWN = ["writer", "lifeguard_migrations", "lifeguard_migrations_lock"];

const read = (page: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)), "utf8");
const PAGE = read("docs/history.md");

let db: DatabaseSync;
let store: TestStore;

beforeAll(async () => {
  store = await TestStore.open();
  const script = new Script();
  const now = Date.now();
  await store.write([
    script.say({ at: now - 4 * HOUR, labels: { team: "platform" } }),
    script.say({ at: now - 1 * HOUR, status: "critical", labels: { team: "platform" } }),
    script.say({ at: now, labels: { team: "platform" } }),
  ]);
  db = new DatabaseSync(store.path, { readOnly: true });
});
afterAll(async () => {
  db.close();
  await store[Symbol.asyncDispose]();
});

/** What the SQL of a page answers, one list of rows for each block. */
function answers(page: string): Record<string, unknown>[][] {
  return [...page.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, sql = ""]) => db.prepare(sql).all());
}

test("the SQL that the pages show tells uptime and changes", () => {
  const [uptime, changes] = answers(PAGE);
  expect(uptime).toEqual([{ subject: "thing/one", uptime: 75 }]);
  expect(changes).toMatchObject([
    { subject: "thing/one", status: 3, team: "platform" },
    { subject: "thing/one", status: 0, team: "platform" },
  ]);
  expect(answers(read("README.md"))).toEqual([uptime]);
});

test("the page names every table and column that is meant to be read", () => {
  const tables = db
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .all() as { name: string }[];
  for (const { name } of tables.filter((table) => !OWN.includes(table.name))) {
    const [row = ""] = PAGE.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`));
    const columns = db.prepare(`select name from pragma_table_info('${name}')`).all() as { name: string }[];
    const unsaid = columns.filter((column) => !row.includes(`\`${column.name}\``));
    expect({ name, unsaid }).toEqual({ name, unsaid: [] });
  }
});
