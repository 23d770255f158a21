import { describe, expect, it } from "vitest";
import { state, World } from "../context.ts";
import { useWeb } from "../harness.ts";
import { usePeer } from "../related/peer.ts";

const peer = usePeer();
const world = new World();
const web = useWeb(world);
world.title = 'My "platform" & more';
world.add(state("promise/own"));

const attributes = (text: string) =>
  [...text.matchAll(/<outline (text="[^"]*" title=.*)\/>/g)].map(([, all = ""]) =>
    Object.fromEntries([...all.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  );
const outlines = async (path = "/public/feeds") => attributes((await web.ask(path)).text);

describe("the list of feeds", () => {
  it("has one of this root, and of each related monitor one by SlapOS's addresses or by ours", async () => {
    const slapos = `${peer.url}slapos`;
    peer.serve("/monitor.haljson", {
      title: "A lifeguard",
      _embedded: { service: { id: "a", status: "OK", verdict: "ok" } },
    });
    peer.serve("/slapos/monitor.haljson", { title: "KVM\n<1>" });
    world.describe("promises", {
      links: [peer.url, slapos, "https://[...]/"].map((href) => ({ rel: "related_monitor", href })),
    });
    await expect
      .poll(async () => (await outlines()).map(({ title }) => title))
      .toEqual(["My &quot;platform&quot; &amp; more", "A lifeguard", "KVM &lt;1&gt;"]);
    const { headers, text } = await web.ask("/public/feeds");
    expect(headers["content-type"]).toBe("text/x-opml; charset=utf-8");
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<opml version="2.0">/);
    expect(text).toMatch(/<dateCreated>\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT<\/dateCreated>/);
    const own = `http://${web.host}/`;
    expect(await outlines()).toMatchObject([
      { type: "rss", version: "RSS", htmlUrl: own, xmlUrl: `${own}public/feed`, url: `${own}public/` },
      { htmlUrl: peer.url, xmlUrl: `${peer.url}public/feed`, url: `${peer.url}public/` },
      { htmlUrl: `${slapos}/`, xmlUrl: `${slapos}/public/feed`, url: `${slapos}/share/private/` },
    ]);
  });

  it("has the feeds of all instances below the whole, and its own below each", async () => {
    world.add(state("vim/edge", { source: "vims", instance: "vims" }));
    const urls = async (path: string) => (await outlines(path)).map(({ xmlUrl }) => xmlUrl);
    const own = `http://${web.host}`;
    expect((await urls("/public/feeds")).slice(0, 3)).toEqual([
      `${own}/public/feed`,
      `${own}/m/promises/public/feed`,
      `${own}/m/vims/public/feed`,
    ]);
    expect(await urls("/m/vims/public/feeds")).toEqual([`${own}/m/vims/public/feed`]);
  });

  it("is not sent again to who has it", async () => {
    const { headers } = await web.ask("/public/feeds");
    const again = await web.ask("/public/feeds", { headers: { "if-none-match": headers.etag ?? "" } });
    expect(again.status).toBe(304);
  });
});
