import { describe, expect, it } from "vitest";
import { until } from "../../../../support/until.ts";
import { state, World } from "../context.ts";
import { useWeb } from "../harness.ts";
import { pastChange, ScriptedHistory } from "./scripted-history.ts";

const web = useWeb();
const { world } = web;
world.title = "A & B";
world.add(
  state("promise/kvm", { description: { title: "Kvm <log>" } }),
  state("vim/edge-1", { source: "vims", instance: "vims" }),
);

const URN = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A strict enough reader for a small feed: elements in order, text unescaped, nothing left over. */
function items(xml: string): Record<string, string>[] {
  const unescaped = (text: string) =>
    text.replace(/&(lt|gt|quot|amp);/g, (_, name: "lt") => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name]);
  return [...xml.matchAll(/<item>([\s\S]*?)<\/item>/g)].map(([, item = ""]) =>
    Object.fromEntries(
      [...item.matchAll(/<(\w+)(?: [^>]*)?>([^<]*)<\/\1>/g)].map(([, name, text = ""]) => [
        name,
        unescaped(text),
      ]),
    ),
  );
}

describe("the feed", () => {
  it("is a valid, empty channel while nothing has changed", async () => {
    const { text, headers } = await web.ask("/feed");
    expect(headers["content-type"]).toBe("application/rss+xml; charset=utf-8");
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<rss version="2.0"/);
    expect(text).toContain("<title>A &amp; B</title>");
    expect(text).toContain(`<link>http://${web.host}/</link>`);
    expect(text).toContain(
      `<atom:link href="http://${web.host}/feed" rel="self" type="application/rss+xml"/>`,
    );
    expect(items(text)).toEqual([]);
  });

  it("has one item a change, newest first, whose guid stays", async () => {
    const first = world.observe("promise/kvm", {
      status: "critical",
      message: 'load < 4 & "rising"\u0000\ud800',
    });
    world.observe("promise/kvm", { message: "still bad" });
    world.observe("promise/kvm", { status: "ok", message: "" });
    const { text } = await web.ask("/feed");
    expect(items(text)).toEqual([
      {
        title: "[ok] Kvm <log>",
        link: `http://${web.host}/public/kvm/index.html`,
        description: "OK (before: critical)",
        category: "ok",
        guid: expect.stringMatching(URN),
        pubDate: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
      },
      {
        title: "[critical] Kvm <log>",
        link: `http://${web.host}/public/kvm/index.html`,
        description: "load &lt; 4 &amp; &quot;rising&quot;\ufffd\ufffd (before: ok)",
        category: "critical",
        guid: expect.stringMatching(URN),
        pubDate: new Date(first.event.time).toUTCString(),
      },
    ]);
    expect(text.match(/<guid isPermaLink="false">/g)).toHaveLength(2);
    expect(new Set(items(text).map(({ guid }) => guid)).size).toBe(2);
    expect(items((await web.ask("/public/feed")).text)).toEqual(items(text));
  });

  it("of an instance has its own changes only", async () => {
    world.observe("vim/edge-1", { status: "critical", message: "gone" });
    const titles = async (path: string) => items((await web.ask(path)).text).map(({ title }) => title);
    expect(await titles("/feed")).toHaveLength(3);
    expect(await titles("/m/vims/feed")).toEqual(["[critical] vim/edge-1"]);
    expect(await titles("/m/promises/public/feed")).toHaveLength(2);
  });

  it("of one service has its own changes only, as RSS and as Atom, and its page says where", async () => {
    const rss = await web.ask("/public/kvm.rss");
    expect(items(rss.text).map(({ title }) => title)).toEqual(["[ok] Kvm <log>", "[critical] Kvm <log>"]);
    expect(rss.text).toContain(`<link>http://${web.host}/public/kvm/index.html</link>`);
    expect(rss.text).toContain(`href="http://${web.host}/public/kvm.rss" rel="self"`);
    const atom = await web.ask("/public/vim%2Fedge-1.atom");
    expect(atom.headers["content-type"]).toBe("application/atom+xml; charset=utf-8");
    expect(atom.text.match(/<entry>/g)).toHaveLength(1);
    expect((await web.ask("/public/nothing.rss")).status).toBe(404);
    const page = (await web.ask("/public/kvm/index.html")).text;
    expect(
      [...page.matchAll(/<link rel="alternate" type="([^"]*)" title="[^"]*" href="([^"]*)">/g)].map(
        ([, type, href]) => [type, href],
      ),
    ).toEqual([
      ["application/rss+xml", "/public/kvm.rss"],
      ["application/atom+xml", "/public/kvm.atom"],
      ["application/rss+xml", "/feed"],
      ["application/atom+xml", "/feed.atom"],
      ["application/hal+json", "/monitor.haljson"],
    ]);
  });

  it("is Atom for who asks for it, with the ids of the RSS feed", async () => {
    const atom = (await web.ask("/feed.atom")).text;
    const ids = [...atom.matchAll(/<id>([^<]*)<\/id>/g)].map(([, id]) => id);
    expect(ids).toHaveLength(4);
    expect(ids.slice(1)).toEqual(items((await web.ask("/feed")).text).map(({ guid }) => guid));
    expect(atom).toContain("<title>[critical] Kvm &lt;log&gt;</title>");
    expect(atom).toContain(
      "<summary>load &lt; 4 &amp; &quot;rising&quot;\ufffd\ufffd (before: ok)</summary>",
    );
    expect((await web.ask("/", { headers: { accept: "application/atom+xml" } })).text).toBe(atom);
    expect((await web.ask("/public/feed.atom")).text).toBe(atom);
  });

  it("is not sent again to who has it", async () => {
    for (const path of ["/feed", "/feed.atom", "/public/kvm.rss"]) {
      const { headers } = await web.ask(path);
      const again = await web.ask(path, { headers: { "if-none-match": headers.etag ?? "" } });
      expect([path, again.status]).toEqual([path, 304]);
    }
  });
});

describe("the feed with a history", () => {
  const history = new ScriptedHistory();
  const web = useWeb(new World());
  const { world } = web;
  world.history = history;
  world.add(state("promise/kvm"), state("vim/edge-1", { source: "vims", instance: "vims" }));
  const day = (at: number) => `2026-01-${String(at).padStart(2, "0")}T10:00:00.000Z`;
  history.changes = [
    pastChange("late", day(9), { status: "ok", message: "fine", episode: "long-ago" }),
    pastChange("gone", day(8), { subject: "promise/retired" }),
    pastChange("edge", day(7), { subject: "vim/edge-1", source: "vims" }),
  ];
  history.known = [{ id: "long-ago", began: "2026-01-07T08:00:00.000Z" }];

  it("reaches back beyond what the board remembers, newest first, each change once", async () => {
    const both = world.observe("promise/kvm", { status: "critical", message: "no room" });
    history.changes.unshift(both);
    const all = items((await web.ask("/feed")).text);
    expect(all.map(({ title }) => title)).toEqual([
      "[critical] kvm",
      "[ok] kvm",
      "[critical] retired",
      "[critical] vim/edge-1",
    ]);
    expect(all[2]?.link).toBe(`http://${web.host}/`);
    const own = async (path: string) => items((await web.ask(path)).text).map(({ title }) => title);
    expect(await own("/m/vims/feed")).toEqual(["[critical] vim/edge-1"]);
    expect(await own("/public/kvm.rss")).toEqual(["[critical] kvm", "[ok] kvm"]);
  });

  it("says how long it was bad", async () => {
    const [, recovery] = items((await web.ask("/feed")).text);
    expect(recovery?.description).toBe("fine (recovered after 2 d)");
    const bad = world.observe("promise/kvm", { status: "critical", message: "bad", id: "e-1" });
    world.emit({
      event: { ...bad.event, id: "e-2", status: "ok", time: day(28), message: "good" },
      change: true,
      previous: "warning",
      episode: "late",
    });
    expect(items((await web.ask("/feed")).text).map(({ description }) => description)).toContain(
      "good (recovered after 19 d)",
    );
  });
});

describe("the feed of what is silenced", () => {
  const web = useWeb();
  web.world.add(state("promise/disk"), state("promise/load"));

  it("says so of what happens within the silence, and of nothing else", async () => {
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    web.world.observe("promise/disk", { status: "critical", message: "full" });
    web.world.silences.begin({
      id: "1f0c9a3e",
      kind: "silence",
      subjects: ["promise/disk"],
      labels: {},
      why: "disk swap",
      by: "ann",
      since: new Date(Date.now() + 1).toISOString(),
      until: ends,
    });
    await until(
      "another millisecond",
      () => Date.now() > Date.parse(web.world.silences.active()[0]?.since ?? ""),
    );
    web.world.observe("promise/disk", { status: "ok", message: "empty" });
    web.world.observe("promise/load", { status: "critical", message: "high" });
    const told = items((await web.ask("/feed")).text).map(({ title, description }) => [title, description]);
    expect(told).toEqual([
      ["[critical] load", "high (before: ok)"],
      ["[ok] disk (silenced)", `empty (before: critical) (silenced until ${ends}: disk swap)`],
      ["[critical] disk", "full (before: ok)"],
    ]);
    expect((await web.ask("/feed.atom")).text).toContain("<title>[ok] disk (silenced)</title>");
  });
});
