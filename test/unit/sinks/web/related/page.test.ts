import { describe, expect, it } from "vitest";
import { state, World } from "../context.ts";
import { useWeb } from "../harness.ts";
import { usePeer } from "./peer.ts";

const peer = usePeer();
const world = new World();
const web = useWeb(world);
world.add(state("promise/own"));

const text = (html: string) =>
  html
    .replace(/<svg[\s\S]*?<\/svg>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/\s*\n\s*/g, "\n");
const section = async () => {
  const html = (await web.ask("/")).text;
  return html.slice(
    html.indexOf('<section class="elsewhere"'),
    html.indexOf("</section>", html.indexOf("elsewhere")),
  );
};

describe("related monitors on the page", () => {
  it("have a heading, services failing first with links to where they are shown, and when they were heard", async () => {
    const link = (href: string) => ({ interface: { href } });
    peer.serve("/monitor.haljson", {
      title: "Paris <1>",
      _embedded: {
        service: [
          {
            id: "well",
            title: "Well",
            status: "OK",
            message: "fine",
            _links: link("/public/well/index.html"),
          },
          {
            id: "sick",
            title: "Sick",
            status: "BAD",
            verdict: "warning",
            message: "a < b",
            since: new Date(Date.now() - 7_200_000).toISOString(),
          },
          { id: "evil", status: "BAD", verdict: "unknown", _links: link("javascript:alert(1)") },
        ],
      },
    });
    world.describe("promises", {
      links: [
        { rel: "related_monitor", href: peer.url },
        { rel: "related_monitor", href: "https://[...]/" },
      ],
    });
    await expect.poll(section).toContain("Paris &lt;1&gt;");
    const html = await section();
    const shown = text(html);
    expect(shown).toMatch(/Related monitors\nParis &lt;1&gt;\n1 warning\n1 unknown\n1 ok\n/);
    expect(shown).toMatch(/\nlast heard\n\d+ s\nago\n/);
    expect(shown).toMatch(/warning\nSick\na &lt; b\nfor\n2 h\nunknown\nevil\nBAD\nok\nWell\nfine\n/);
    expect(html).toContain(`<a href="${peer.url}public/well/index.html" rel="noreferrer">Well</a>`);
    expect(html).toContain(`<a href="${peer.url}" rel="noreferrer">${peer.url}</a>`);
    expect(html).not.toContain("javascript");
    expect(shown).toMatch(
      /https:\/\/\[\.\.\.\]\/\ndead\nhttps:\/\/\[\.\.\.\]\/\nnever heard\nthis is not a URL that can be asked\n/,
    );
    expect(html).not.toContain('href="https://[...]/');
  });

  it("are in the verdict, the tab's title and the summary when they are in trouble", async () => {
    const html = (await web.ask("/")).text;
    expect(html).toContain("<title>(2) ");
    expect(text(html)).toContain(
      "2 of 2 related monitors are not ok: 1 dead, 1 warning\nThe one service is ok\n",
    );
    expect(html).toMatch(/<a href="#related">.*<b>2<\/b> related<\/a>/);
    expect(JSON.parse((await web.ask("/summary.json")).text)).toMatchObject({
      status: "critical",
      headline: "2 of 2 related monitors are not ok: 1 dead, 1 warning",
      beside: "The one service is ok",
    });
  });

  it("are links of the HAL as they were configured", async () => {
    expect(JSON.parse((await web.ask("/monitor.haljson")).text)._links.related_monitor).toEqual([
      { href: peer.url },
      { href: "https://[...]/" },
    ]);
  });

  it("tell who follows the page that it is time to look again", async () => {
    const stop = new AbortController();
    const answer = await fetch(`${web.url}/events?pulse&types=nothing`, { signal: stop.signal });
    const messages = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    world.describe("promises", { links: [{ rel: "related_monitor", href: `${peer.url}gone/` }] });
    while (!told.includes("event: related\ndata: {}\n\n")) told += (await messages?.read())?.value ?? "";
    stop.abort();
    expect(await section()).toMatch(/dead|pending/);
  });

  it("that another lifeguard names are links, there and in the HAL, and nobody asks them", async () => {
    world.describe(
      "promises",
      { links: [{ rel: "related_monitor", href: `${peer.url}theirs/` }] },
      "elsewhere",
    );
    await expect
      .poll(section)
      .toContain(
        `<a href="${peer.url}theirs/" rel="noreferrer">${peer.url}theirs/</a> <span>named by another lifeguard: not asked from here</span>`,
      );
    expect((await web.ask("/monitor.haljson")).text).toContain(`{"href":"${peer.url}theirs/"}`);
    expect(peer.paths).not.toContain("/theirs/monitor.haljson");
  });

  it("of hundreds of services show fifty in trouble and fifty that are well, and say how many there are beside", async () => {
    const many = Array.from({ length: 400 }, (_, at) => ({ id: `s${at}`, status: at < 100 ? "BAD" : "OK" }));
    peer.serve("/monitor.haljson", { title: "Many", _embedded: { service: many } });
    world.describe("promises", { links: [{ rel: "related_monitor", href: peer.url }] });
    await expect.poll(section).toContain("300 more are not shown here");
    expect((await section()).match(/<li class="row critical"/g)).toHaveLength(50);
    expect((await section()).match(/<li class="row ok"/g)).toHaveLength(50);
  });
});
