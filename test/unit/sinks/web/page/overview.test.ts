import { describe, expect, it } from "vitest";
import { state } from "../context.ts";
import { useWeb } from "../harness.ts";

const text = (html: string) =>
  html
    .replace(/<svg[\s\S]*?<\/svg>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/\s*\n\s*/g, "\n");
const titles = (html: string) =>
  [...html.matchAll(/<div class="what"><a[^>]*>([^<]*)</g)].map(([, title]) => title);
const labelled = (
  subject: string,
  labels: Record<string, string>,
  parts: Parameters<typeof state>[1] = {},
) => {
  const made = state(subject, parts);
  return { ...made, event: made.event && { ...made.event, labels } };
};

describe("the overview", () => {
  const web = useWeb();
  const { world } = web;
  world.add(
    labelled(
      "http/shop",
      { team: "sales" },
      { status: "critical", message: "no answer", description: { title: "The shop" } },
    ),
    labelled("http/desk", { team: "help", site: "north" }, { message: "fine" }),
    labelled("http/mail", { team: "help" }, { status: "warning", message: "slow", group: "Mail" }),
    state("http/old", { status: "unknown", stale: "no result since noon" }),
  );

  it.each([
    ["", ["The shop", "http/old", "http/desk", "http/mail"]],
    ["?q=shop", ["The shop"]],
    ["?q=HTTP+fine", ["http/desk"]],
    ["?q=team%3Dhelp", ["http/desk", "http/mail"]],
    ["?q=noon", ["http/old"]],
    ["?status=critical", ["The shop"]],
    ["?status=critical&status=warning", ["The shop", "http/mail"]],
    ["?status=trouble", ["The shop", "http/mail", "http/old"]],
    ["?label=team%3Dhelp&status=ok", ["http/desk"]],
    ["?label=team%3Dhelp&label=site%3Dnorth", ["http/desk"]],
    ["?q=&status=&label=", ["The shop", "http/old", "http/desk", "http/mail"]],
    ["?q=%3Cb%3E", []],
  ])("shows for %s what it asks for", async (query, expected) => {
    expect(titles((await web.ask(`/${query}`)).text).sort()).toEqual(expected.toSorted());
  });

  it("keeps what was asked for in its form, and says how much is left out", async () => {
    const html = (await web.ask("/?q=%22a%22&status=warning&label=team%3Dhelp")).text;
    expect(html).toContain('name="q" value="&quot;a&quot;"');
    expect(html).toContain('<option value="warning" selected>');
    expect(html).toContain('<option value="team=help" selected>');
    expect(text(html)).toContain("0 of 4 shown");
    expect(text(html)).toContain("No service is like that.");
    // The verdict is that of all services, whatever is shown.
    expect(text(html)).toContain("1 of 4 services is critical");
    expect(html).toContain('<a href="/?status=critical">');
  });

  it("tells an open page only what differs, and where it belongs", async () => {
    const token = async () => /data-revision="([^"]+)"/.exec((await web.ask("/")).text)?.[1] as string;
    const before = await token();
    const nothing = (await web.ask(`/?after=${before}`)).text;
    expect(nothing).toContain('data-changes=""');
    expect(nothing).not.toContain('class="row');
    world.observe("http/desk", { status: "critical", message: "gone" });
    world.observe("http/shop", { message: "no answer" });
    const changes = (await web.ask(`/?after=${before}`)).text;
    expect(titles(changes)).toEqual(["http/desk"]);
    expect(changes).toContain(
      '<details class="group" data-key="promises" data-status="critical" data-next="Mail" open>',
    );
    const ids = [...(await web.ask("/")).text.matchAll(/<li class="row [^"]+" data-key="(\d+)"/g)].map(
      ([, id]) => id,
    );
    expect(changes).toContain(`data-key="${ids[0]}" data-next="${ids[1]}"`);
    expect(text(changes)).toContain("2 of 4 services are critical");
    // A view that it has left tells it as gone.
    const id = ids[0];
    expect((await web.ask(`/?status=ok&after=${before}`)).text).toContain(`data-changes="${id}"`);
    expect(await token()).not.toBe(before);
    for (const strange of [
      "",
      "x.1",
      `${before}9`,
      before.replace(/\d+\.none$/, "999999.none"),
      before.replace("none", "days"),
    ])
      expect((await web.ask(`/?after=${strange}`)).text).not.toContain("data-changes");
  });

  it("tells an open page of what is not watched any more, and of what is new", async () => {
    const before = /data-revision="([^"]+)"/.exec((await web.ask("/")).text)?.[1];
    const id = /data-key="(\d+)">\s*<div class="state">[^§]*?http\/mail/.exec(
      (await web.ask("/?q=mail")).text,
    )?.[1];
    world.states.splice(2, 1);
    world.add(state("http/new"));
    const changes = (await web.ask(`/?after=${before}`)).text;
    expect(changes).toContain(`data-changes="${id}"`);
    expect(titles(changes)).toEqual(["http/new"]);
  });

  it("counts what is silenced apart, and says until when and why", async () => {
    const before = /data-revision="([^"]+)"/.exec((await web.ask("/")).text)?.[1];
    world.silences.begin({
      id: "s",
      kind: "silence",
      subjects: ["http/shop", "http/desk"],
      labels: {},
      why: "new <cables>",
      by: "ann",
      since: "2026-01-01T00:00:00.000Z",
      until: "2026-01-01T02:00:00.000Z",
    });
    const html = (await web.ask("/")).text;
    expect(text(html)).toContain("1 of 4 services is unknown");
    expect(text(html)).toMatch(/\n2\nsilenced\n/);
    expect(html).toContain(
      'until <time datetime="2026-01-01T02:00:00.000Z">2026-01-01 02:00:00 UTC</time>: new &lt;cables&gt;',
    );
    expect(titles((await web.ask("/?status=silenced")).text)).toHaveLength(2);
    expect(titles((await web.ask("/?status=critical")).text)).toEqual([]);
    expect(html).toContain("<title>lifeguard</title>");
    const { text: lines } = await web.ask("/", { headers: { accept: "text/plain" } });
    expect(lines).toMatch(/\thttp\/shop\t.*\t\[silenced until 2026-01-01T02:00:00.000Z\] /);
    const hal = JSON.parse((await web.ask("/monitor.haljson")).text)._embedded.service as object[];
    const silenced = hal.flatMap((service) => ("silenced" in service ? service.silenced : []));
    expect(silenced).toEqual(Array(2).fill({ until: "2026-01-01T02:00:00.000Z", why: "new <cables>" }));
    // A silence may concern everything, so an open page starts over.
    expect((await web.ask(`/?after=${before}`)).text).not.toContain("data-changes");
  });
});
