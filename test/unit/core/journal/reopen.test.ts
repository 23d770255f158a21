import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { envelopes, open } from "./support.ts";

const ALL = [1_000_000, Number.POSITIVE_INFINITY] as const;
const asideOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.includes(".corrupt-"))
    .sort();

async function fill(folder: string, count: number): Promise<{ epoch: string; origin: string }> {
  await using opened = await open(folder);
  const { journal } = opened;
  await journal.append({
    events: envelopes(journal.head + 1, count, { size: 300 }),
    ownIds: [`id-${journal.head + 1}`],
    state: [{ owner: "source/a", key: "k", value: journal.head + count }],
  });
  return { epoch: journal.epoch, origin: journal.origin };
}

test("a journal opened again is the same journal, and goes on after its head", async () => {
  using folder = temporaryFolder();
  const first = await fill(folder.path, 10);
  const second = await fill(folder.path, 5);
  expect(second).toEqual(first);
  await using opened = await open(folder.path);
  expect(opened.journal).toMatchObject({ head: 15, oldest: 1, ...first });
  expect(opened.journal.read(0, ...ALL).map(({ seq }) => seq)).toEqual(
    envelopes(1, 15).map(({ seq }) => seq),
  );
  expect(opened.journal.has("id-11")).toBe(true);
  expect(opened.journal.state("source/a", "")).toEqual([["k", 15]]);
  expect(opened.committed).toEqual([]);
});

test("closing leaves no log file behind", async () => {
  using folder = temporaryFolder();
  await fill(folder.path, 100);
  expect(readdirSync(folder.path).sort()).toEqual(["journal.sqlite", "origin"]);
});

test("a file that is no database is moved aside whole, told, and replaced by a new journal of the same lifeguard", async () => {
  using folder = temporaryFolder();
  const { epoch, origin } = await fill(folder.path, 1);
  const file = join(folder.path, "journal.sqlite");
  writeFileSync(file, "these are my notes\n".repeat(1000));
  writeFileSync(`${file}-wal`, "more notes");
  await using opened = await open(folder.path);
  expect(opened.journal).toMatchObject({ head: 0, origin });
  expect(opened.journal.epoch).not.toBe(epoch);
  const [aside] = asideOf(folder.path);
  expect(aside).toMatch(/^journal\.sqlite\.corrupt-\d{8}T\d{6}Z$/);
  expect(readFileSync(join(folder.path, aside as string), "utf8")).toBe("these are my notes\n".repeat(1000));
  expect(readFileSync(join(folder.path, `${aside}-wal`), "utf8")).toBe("more notes");
  expect(opened.log).toEqual([expect.stringMatching(/^error .*journal\.sqlite .*moved to .*\.corrupt-/)]);
  await opened.journal.append({ events: envelopes(1, 1) });
});

test("a second damaged file never takes the place of the first", async () => {
  using folder = temporaryFolder();
  const clock = { now: () => 0, monotonic: () => 0, setTimeout: () => () => {}, sleep: async () => {} };
  for (const text of ["one ", "two "]) {
    writeFileSync(join(folder.path, "journal.sqlite"), text.repeat(500));
    await (await open(folder.path, { clock })).close();
  }
  expect(
    asideOf(folder.path).map((name) => readFileSync(join(folder.path, name), "utf8").slice(0, 3)),
  ).toEqual(["one", "two"]);
});

test("a database of another program is moved aside unchanged", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "journal.sqlite");
  const foreign = new DatabaseSync(file);
  foreign.exec("PRAGMA journal_mode = WAL; CREATE TABLE mine (x); INSERT INTO mine VALUES (42)");
  foreign.close();
  await using opened = await open(folder.path);
  expect(opened.log[0]).toContain("another program");
  using kept = new DatabaseSync(join(folder.path, asideOf(folder.path)[0] as string));
  expect(kept.prepare("SELECT x FROM mine").get()).toEqual({ x: 42 });
});

test("damaged pages are found at the start; the origin is saved from them where it can be read", async () => {
  using folder = temporaryFolder();
  const { epoch, origin } = await fill(folder.path, 2000);
  const file = join(folder.path, "journal.sqlite");
  const bytes = readFileSync(file);
  bytes.fill(0xab, 40 * 4096, 60 * 4096);
  writeFileSync(file, bytes);
  rmSync(join(folder.path, "origin"));
  await using opened = await open(folder.path);
  expect(opened.journal).toMatchObject({ head: 0, origin });
  expect(opened.journal.epoch).not.toBe(epoch);
  expect(opened.log[0]).toMatch(/^error .*damaged/);
  expect(readFileSync(join(folder.path, asideOf(folder.path)[0] as string)).equals(bytes)).toBe(true);
});

test("a file cut short is found", async () => {
  using folder = temporaryFolder();
  await fill(folder.path, 2000);
  truncateSync(join(folder.path, "journal.sqlite"), 100 * 4096);
  await using opened = await open(folder.path);
  expect(opened.journal.head).toBe(0);
  expect(asideOf(folder.path)).toHaveLength(1);
});

test("a journal of ours without one of its tables is found", async () => {
  using folder = temporaryFolder();
  await fill(folder.path, 1);
  const database = new DatabaseSync(join(folder.path, "journal.sqlite"));
  database.exec("DROP TABLE cursors");
  database.close();
  await using opened = await open(folder.path);
  expect(opened.log[0]).toContain("no such table");
  expect(asideOf(folder.path)).toHaveLength(1);
});

test("a newer schema is refused, and the file is left alone", async () => {
  using folder = temporaryFolder();
  await fill(folder.path, 3);
  const file = join(folder.path, "journal.sqlite");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 99");
  database.close();
  const before = readFileSync(file);
  await expect(open(folder.path)).rejects.toMatchObject({
    code: "JOURNAL_NEWER",
    message: expect.stringMatching(/schema 99/),
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(folder.path).sort()).toEqual(["journal.sqlite", "origin"]);
});

test("what cannot be opened is no reason to move it", async () => {
  using folder = temporaryFolder();
  await expect(open(join(folder.path, "missing"))).rejects.toMatchObject({ code: "JOURNAL_OPEN" });
});

test("an empty file and a database without tables are new journals, without a word", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "journal.sqlite");
  writeFileSync(file, "");
  await (await open(folder.path)).close();
  rmSync(file);
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
  await using opened = await open(folder.path);
  expect(opened.log).toEqual([]);
  expect(asideOf(folder.path)).toEqual([]);
});

test("log files without their database are kept aside too", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "journal.sqlite-wal"), "frames");
  await using opened = await open(folder.path);
  expect(opened.journal.head).toBe(0);
  expect(asideOf(folder.path)).toHaveLength(1);
});

test("the origin comes back from the journal when its file is gone, and outlives the journal", async () => {
  using folder = temporaryFolder();
  const { origin } = await fill(folder.path, 1);
  rmSync(join(folder.path, "origin"));
  expect(await fill(folder.path, 1)).toMatchObject({ origin });
  expect(existsSync(join(folder.path, "origin"))).toBe(true);
  rmSync(join(folder.path, "journal.sqlite"));
  expect(await fill(folder.path, 1)).toMatchObject({ origin });
  await using memory = await open(folder.path, { options: { memory: true } });
  expect(memory.journal.origin).toBe(origin);
});
