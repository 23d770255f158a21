import { describe, expect, it } from "vitest";
import { state } from "./context.ts";
import { useWeb } from "./harness.ts";

const web = useWeb();
const { world } = web;
world.title = "A & B";
world.add(
  state("promise/kvm", { description: { title: "Kvm <log>" } }),
  state("vim/edge-1", { source: "vims", instance: "vims" }),
);

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
        guid: "here:event-3",
        pubDate: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
      },
      {
        title: "[critical] Kvm <log>",
        link: `http://${web.host}/public/kvm/index.html`,
        description: "load &lt; 4 &amp; &quot;rising&quot;\ufffd\ufffd (before: ok)",
        category: "critical",
        guid: "here:event-1",
        pubDate: new Date(first.event.time).toUTCString(),
      },
    ]);
    expect(text.match(/<guid isPermaLink="false">/g)).toHaveLength(2);
    expect(items((await web.ask("/public/feed")).text)).toEqual(items(text));
  });

  it("of an instance has its own changes only", async () => {
    world.observe("vim/edge-1", { status: "critical", message: "gone" });
    const titles = async (path: string) => items((await web.ask(path)).text).map(({ title }) => title);
    expect(await titles("/feed")).toHaveLength(3);
    expect(await titles("/m/vims/feed")).toEqual(["[critical] vim/edge-1"]);
    expect(await titles("/m/promises/public/feed")).toHaveLength(2);
  });
});
