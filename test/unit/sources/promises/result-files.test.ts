import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { statusDocument } from "../../../../src/plugin/index.ts";
import type { ResultData } from "../../../../src/sources/promises/result-data.ts";
import { ResultFiles, removeResultFiles } from "../../../../src/sources/promises/result-files.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { write } from "./executable.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

const files = (history = 3, id = "a b#%ü") =>
  new ResultFiles({
    subject: `promise/${id}`,
    id,
    title: "Title",
    publicFolder: join(folder.path, "public"),
    history,
  });
const data = (status: string, second: number, changed = second): ResultData => ({
  status,
  message: `it is ${status}`,
  date: new Date(second * 1000).toISOString(),
  "start-date": new Date(second * 1000 - 500).toISOString(),
  "change-time": changed,
  "execution-time": 0.5,
  returncode: status === "OK" ? 0 : 1,
  mine: [1],
});
const read = (name: string) => JSON.parse(readFileSync(join(folder.path, "public", name), "utf8"));

it("status.json has the promise's title and everything of its result, and nothing is left beside it", async () => {
  await files().write(data("BAD", 10));
  expect(read("a b#%ü.status.json")).toEqual({ ...data("BAD", 10), title: "Title" });
  expect(readdirSync(join(folder.path, "public")).sort()).toEqual([
    "a b#%ü.history.json",
    "a b#%ü.status.json",
  ]);
});

it("status.json is the document that a web sink makes of the event", async () => {
  const result = data("WARNING", 10, 5);
  await files().write(result);
  const { message, ...rest } = result;
  const base = {
    subject: "promise/p",
    status: "warning",
    message: String(message),
    since: "x",
    seen: "x",
    stale: null,
    description: { title: "Title" },
  } as const;
  for (const inEvent of [result, rest])
    expect(read("a b#%ü.status.json")).toEqual(
      statusDocument({ ...base, event: { time: "later", data: inEvent } }),
    );
});

it("the time of change is carried over a restart, and moves when the word does", async () => {
  expect(await files().changedAt("OK", 7000)).toBe(7000);
  await files().write(data("OK", 10, 7));
  const next = files();
  expect(await next.changedAt("OK", 20_000)).toBe(7000);
  expect(await next.changedAt("BAD", 20_000)).toBe(20_000);
  await next.write(data("BAD", 20, 20));
  expect(await next.changedAt("BAD", 30_000)).toBe(20_000);
});

it.each(["", "{", "[]", '{"status": 1}'])("a broken file of before does not matter: %j", async (text) => {
  write(join(folder.path, "public"), "a b#%ü.status.json", text);
  write(join(folder.path, "public"), "a b#%ü.history.json", text);
  const next = files();
  expect(await next.changedAt("OK", 7000)).toBe(7000);
  await next.write(data("OK", 7));
  expect(read("a b#%ü.status.json").status).toBe("OK");
  expect(read("a b#%ü.history.json").data).toHaveLength(1);
});

it("the history has the changes alone, the last few of them, also over a restart", async () => {
  const first = files();
  for (const [second, status] of ["OK", "OK", "BAD", "BAD", "OK"].entries())
    await first.write(data(status, second));
  expect(read("a b#%ü.history.json").data).toMatchObject([
    { status: "OK", failed: false, date: "1970-01-01T00:00:00.000Z", title: "a b#%ü" },
    {
      status: "BAD",
      failed: true,
      "change-date": "1970-01-01T00:00:02.000Z",
      message: "it is BAD",
      "execution-time": 0.5,
    },
    { status: "OK", date: "1970-01-01T00:00:04.000Z" },
  ]);
  const next = files();
  await next.write(data("OK", 5));
  await next.write(data("BAD", 6));
  const { date, data: entries } = read("a b#%ü.history.json");
  expect(date).toBe(0);
  expect(entries.map(({ status }: { status: string }) => status)).toEqual(["BAD", "OK", "BAD"]);
  expect(entries.at(-1).date).toBe("1970-01-01T00:00:06.000Z");
});

it("no history is kept where none is wanted", async () => {
  await files(0).write(data("OK", 1));
  expect(readdirSync(join(folder.path, "public"))).toEqual(["a b#%ü.status.json"]);
});

it("without news the file turns BAD, says since when, and comes back with the next result", async () => {
  const one = files();
  await one.write(data("OK", 10));
  await one.writeSilence(await one.silence(0, 500_000));
  expect(read("a b#%ü.status.json")).toMatchObject({
    status: "BAD",
    message: "no result since 1970-01-01T00:00:10.000Z",
    "change-time": 500,
    title: "Title",
  });
  await one.write(data("OK", 600, 600));
  expect(read("a b#%ü.status.json")).toMatchObject({ status: "OK", message: "it is OK" });
});

it("a file of an earlier lifeguard turns BAD too, and so does one that never had a result", async () => {
  await files().write(data("OK", 10));
  const late = files();
  await late.writeSilence(await late.silence(100_000, 500_000));
  expect(read("a b#%ü.status.json")).toMatchObject({
    status: "BAD",
    message: "no result since 1970-01-01T00:00:10.000Z",
  });
  const fresh = files(3, "new");
  await fresh.writeSilence(await fresh.silence(100_000, 500_000));
  expect(read("new.status.json")).toMatchObject({
    status: "BAD",
    message: "no result since 1970-01-01T00:01:40.000Z",
  });
});

it("somebody's link in the file's place is replaced, not written through", async () => {
  const victim = write(folder.path, "victim", "precious");
  mkdirSync(join(folder.path, "public"));
  symlinkSync(victim, join(folder.path, "public", "p.status.json"));
  symlinkSync(victim, join(folder.path, "public", ".p.history.json.tmp"));
  await files(3, "p")
    .write(data("OK", 1))
    .catch(() => {});
  expect(read("p.status.json").status).toBe("OK");
  expect(readFileSync(victim, "utf8")).toBe("precious");
});

it("goes away with its promise", async () => {
  await files(3, "p").write(data("OK", 1));
  await removeResultFiles(join(folder.path, "public"), "p");
  expect(existsSync(join(folder.path, "public", "p.status.json"))).toBe(false);
  expect(readdirSync(join(folder.path, "public"))).toEqual([]);
});
