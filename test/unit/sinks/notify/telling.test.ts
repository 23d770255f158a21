import { expect, test } from "vitest";
import type { SubjectState } from "../../../../src/plugin/index.ts";
import { durationText } from "../../../../src/sinks/notify/duration-text.ts";
import { mailOf } from "../../../../src/sinks/notify/mail.ts";
import { pageLink } from "../../../../src/sinks/notify/page-link.ts";
import { TellingMaker, tellingJson } from "../../../../src/sinks/notify/telling.ts";
import { change, HOSTILE, tellingOf } from "./told.ts";

test("a message carries title, message, since, what changed and a link to the page", () => {
  expect(tellingOf([change()])).toMatchObject({
    id: "0123456789abcdef0123456789abcdef",
    kind: "down",
    title: "[My platform] DOWN Disk space",
    status: "critical",
    text: "DOWN Disk space: 3 % free\n  down since 2026-01-31 10:00:00 UTC  https://status.example.org/lg/public/disk/index.html",
    url: "https://status.example.org/lg/public/disk/index.html",
    count: 1,
  });
});

test("a recovery says how long it took", () => {
  const recovered = change({ kind: "recovered", status: "ok", ended: "2026-01-31T12:05:30.000Z" });
  expect(tellingOf([recovered]).items[0]).toMatchObject({
    word: "RECOVERED",
    when: "ok since 2026-01-31 12:05:30 UTC, after 2 h 5 min",
  });
});

test("several changes are listed worst first, and link to the page itself", () => {
  const telling = tellingOf([
    change({ subject: "a", kind: "recovered", status: "ok", ended: "2026-01-31T12:00:00.000Z" }),
    change({ subject: "b", status: "warning" }),
    change({ subject: "c", kind: "reminder" }),
    change({ subject: "d" }),
  ]);
  expect(telling.items.map(({ subject, word }) => `${subject} ${word}`)).toEqual([
    "d DOWN",
    "b WARNING",
    "c STILL DOWN",
    "a RECOVERED",
  ]);
  expect(telling).toMatchObject({
    kind: "several",
    title:
      "[My platform] 1 DOWN (Disk space), 1 WARNING (Disk space), 1 STILL DOWN (Disk space), 1 RECOVERED (Disk space)",
    url: "https://status.example.org/lg/",
    status: "critical",
  });
});

test("the title of many names the first of each kind", () => {
  const names = ["Disk", "Load", "Mail\r\nBcc: x", "Shop", "T".repeat(50)];
  const down = names.map((title, at) => change({ title, subject: `promise/${at}` }));
  const recovered = change({ title: "T".repeat(50), subject: "promise/t", kind: "recovered", status: "ok" });
  expect(tellingOf([...down, recovered]).title).toBe(
    `[My platform] 5 DOWN (Disk, Load, Mail Bcc: x, …), 1 RECOVERED (${"T".repeat(29)}…)`,
  );
});

test("what happened to one subject is told in its order, and the message has the colour that it was left in", () => {
  const ended = "2026-01-31T12:00:00.000Z";
  const story = [
    change({ kind: "recovered", status: "ok", ended }),
    change({ id: "episode-2/down", episode: "episode-2" }),
    change({ id: "episode-2/recovered", episode: "episode-2", kind: "recovered", status: "ok", ended }),
  ];
  const telling = tellingOf([
    ...story,
    change({ subject: "promise/load", title: "Load", status: "warning" }),
  ]);
  expect(telling.items.map(({ word, title }) => `${word} ${title}`)).toEqual([
    "WARNING Load",
    "RECOVERED Disk space",
    "DOWN Disk space",
    "RECOVERED Disk space",
  ]);
  expect(telling.status).toBe("warning");
  expect(tellingOf(story).status).toBe("ok");
});

test("where there is no room for all changes people see the last one of each subject, and programs see all", () => {
  const flapping = Array.from({ length: 30 }, (_, at) =>
    at % 2 === 0
      ? change({ id: `${at}` })
      : change({ id: `${at}`, kind: "recovered", status: "ok", ended: "2026-01-31T12:00:00.000Z" }),
  );
  const telling = tellingOf([...flapping, change({ subject: "promise/load", title: "Load" })], { listed: 2 });
  expect(telling.listed.map(({ word, title, when }) => `${word} ${title}: ${when}`)).toEqual([
    "DOWN Load: down since 2026-01-31 10:00:00 UTC",
    "RECOVERED Disk space: ok since 2026-01-31 12:00:00 UTC, after 2 h, the last of 30 changes",
  ]);
  expect(telling.notes).toEqual([]);
  expect(telling.items).toHaveLength(31);
  expect(tellingJson(telling)).toMatchObject({ count: 31, items: { length: 31 } });
});

test("who has a namesake is told apart by the group", () => {
  const row = (source: string, group: string) => ({
    ...({
      origin: "here",
      source,
      subject: "promise/disk",
      group,
      description: { title: "Disk space" },
    } as const),
  });
  const rows = [row("promises", "Berlin"), row("more", "Paris")] as unknown as readonly SubjectState[];
  const maker = new TellingMaker({
    title: undefined,
    pageUrl: () => undefined,
    listed: 20,
    board: { find: () => rows, subjects: () => rows },
  });
  const changes = [change(), change({ source: "more" }), change({ source: "gone" })];
  const { items } = maker.of({ id: "1", changes, lost: 0 });
  expect(items.map(({ title }) => title)).toEqual([
    "Disk space (Berlin)",
    "Disk space (Paris)",
    "Disk space (gone)",
  ]);
});

test("without a page there are no links", () => {
  const telling = new TellingMaker({
    title: undefined,
    pageUrl: () => undefined,
    listed: 20,
    board: { find: () => [], subjects: () => [] },
  }).of({ id: "1", changes: [change()], lost: 0 });
  expect(telling.url).toBeNull();
  expect(telling.items[0]?.url).toBeNull();
  expect(telling.title).toBe("[lifeguard] DOWN Disk space");
});

test("the link names source and origin where several watch the subject, and encodes what is no promise", () => {
  const board = (count: number) => ({ find: () => Array.from({ length: count }, () => ({}) as never) });
  const vim = { subject: "vim/edge 1", source: "vims", origin: "here" };
  expect(pageLink("https://s.example", vim, board(1))).toBe(
    "https://s.example/public/vim%2Fedge%201/index.html",
  );
  expect(pageLink("https://s.example", vim, board(2))).toBe(
    "https://s.example/public/vim%2Fedge%201/index.html?source=vims&origin=here",
  );
  expect(pageLink("https://s.example", { ...vim, source: "lifeguard" }, board(1))).toBe("https://s.example/");
});

test("nothing that a check prints breaks a line, a mail's markup or its headers", () => {
  const telling = tellingOf([change({ message: HOSTILE, title: HOSTILE })]);
  expect(telling.title).not.toMatch(/[\r\n]/);
  expect(telling.text.split("\n")).toHaveLength(2);
  const { html, subject } = mailOf(telling);
  expect(subject).not.toMatch(/[\r\n]/);
  expect(html).not.toContain("<script>");
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;q&quot; &#39;a&#39;");
});

test("what is too long is cut", () => {
  const telling = tellingOf([change({ title: "t".repeat(500), message: "m".repeat(100_000) })]);
  expect(telling.title.length).toBe(200);
  expect(telling.items[0]?.message.length).toBe(2000);
});

test("lengths of time are told in their two largest units", () => {
  expect([0, 59_000, 60_000, 3_661_000, 86_400_000, 90_061_000].map(durationText)).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "1 h 1 min",
    "1 d",
    "1 d 1 h",
  ]);
});
