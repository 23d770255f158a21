import { describe, expect, it } from "vitest";
import { state } from "../context.ts";
import { pastChange, ScriptedHistory } from "../feeds/scripted-history.ts";
import { useWeb } from "../harness.ts";

const FOREIGN = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" };
const FRAMED = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe" };
const said = (svg: string) => /<title>([^<]*)<\/title>/.exec(svg)?.[1];

describe("badges", () => {
  const web = useWeb();
  const { world } = web;
  world.add(
    state("http/shop/front", { status: "critical", description: { title: "The shop", public: true } }),
    state("promise/kvm", { description: { public: true } }),
    state("promise/so-so", { status: "warning", instance: "second", source: "second" }),
    state("promise/gone", { status: "unknown", stale: "no result since noon" }),
    state("http/twice", { status: "ok" }),
    state("http/twice", { status: "warning", source: "other" }),
  );
  const ask = async (path: string, headers = {}) => {
    const { status, text, headers: answered } = await web.ask(path, { headers });
    return { status, said: said(text), text, headers: answered };
  };

  it.each([
    ["/badge/http/shop/front.svg", "The shop: critical"],
    ["/badge/http%2Fshop%2Ffront.svg", "The shop: critical"],
    ["/badge/kvm.svg", "kvm: ok"],
    ["/badge/promise/kvm.svg", "kvm: ok"],
    ["/badge/promise/gone.svg", "gone: stale"],
    ["/badge/http/twice.svg", "http/twice: 1 warning"],
    ["/badge/http/twice.svg?source=promises", "http/twice: ok"],
    ["/badge/kvm.svg?label=%22M%C3%BCller%22+%3C%26%3E", "&quot;Müller&quot; &lt;&amp;&gt;: ok"],
    ["/badge/kvm.svg?label=", "ok"],
    ["/badge/kvm.svg?metric=uptime", "kvm uptime 90d: no history"],
    ["/badge/promise/*.svg", "promise/*: 1 warning"],
    ["/badge/promise%2F%2A.svg?source=second", "promise/*: warning"],
    ["/badge/*shop*.svg?label=Shops", "Shops: critical"],
    ["/badge/*.svg?metric=uptime&period=24h", "* uptime 24h: no history"],
    ["/badge.svg", "lifeguard: 1 critical"],
    ["/m/second/badge.svg", "second: warning"],
    ["/m/second/badge/so-so.svg", "so-so: warning"],
  ])("%s says %s", async (path, words) => {
    const badge = await ask(path);
    expect(badge).toMatchObject({ status: 200, said: words });
    expect(badge.headers["content-type"]).toBe("image/svg+xml; charset=utf-8");
    const isOpen = /shop|kvm/.test(path);
    expect(badge.headers["cache-control"]).toBe(`${isOpen ? "public" : "private"}, max-age=60`);
    expect(badge.text).toContain(`aria-label="${words}"`);
  });

  it("say so where there is no such service, with 404, and refuse what makes no sense", async () => {
    expect(await ask("/badge/http/nothing.svg")).toMatchObject({
      status: 404,
      said: "http/nothing: not found",
    });
    expect(await ask("/badge/vim/*.svg")).toMatchObject({ status: 404, said: "vim/*: not found" });
    expect(await ask("/badge/http/*.svg?metric=latency")).toMatchObject({
      status: 400,
      text: expect.stringContaining("latency is that of one service"),
    });
    expect((await web.ask("/badge/kvm.png")).status).toBe(404);
    expect((await web.ask("/badge/kvm.svg?metric=mood")).status).toBe(400);
    expect((await web.ask("/badge/kvm.svg?metric=uptime&period=2y")).status).toBe(400);
  });

  it("tell the uptime of a glob, the mean of its services, over 24 hours as over longer", async () => {
    const now = world.clock.now();
    const time = new Date(now - 6 * 3_600_000).toISOString();
    const history = new ScriptedHistory();
    history.changes = [
      pastChange("1", time, { subject: "http/shop/front", status: "critical", previous: "ok" }),
    ];
    world.history = history;
    try {
      expect(await ask("/badge/http/*.svg?metric=uptime&period=24h")).toMatchObject({
        said: "http/* uptime 24h: 91.6 %",
      });
    } finally {
      world.history = undefined;
    }
  });

  it("are not sent again to who has them", async () => {
    const { headers } = await ask("/badge/kvm.svg");
    expect((await ask("/badge/kvm.svg", { "if-none-match": headers.etag })).status).toBe(304);
  });

  it("say that all of them are silenced, and not that they are ok", async () => {
    const silence = { id: "s", kind: "silence", labels: {}, why: "cables", by: "ann" } as const;
    const [since, until] = ["2026-01-01T00:00:00.000Z", "2026-01-01T02:00:00.000Z"];
    world.silences.begin({ ...silence, subjects: ["http/*"], since, until });
    expect((await ask("/badge/http/*.svg")).said).toBe("http/*: silenced");
    expect((await ask("/badge/http/shop/front.svg")).said).toBe("The shop: critical, silenced");
    world.silences.end("s");
    expect((await ask("/badge/http/*.svg")).said).toBe("http/*: 1 critical");
  });

  it("are drawn wider for longer words", async () => {
    const width = async (label: string) =>
      Number(/width="(\d+)"/.exec((await ask(`/badge/kvm.svg?label=${label}`)).text)?.[1]);
    expect(await width("a")).toBeLessThan(await width("abc"));
    expect(await width("iiii")).toBeLessThan(await width("mmmm"));
  });

  it("are there for shields.io too", async () => {
    expect(JSON.parse((await ask("/badge/kvm.json")).text)).toEqual({
      schemaVersion: 1,
      label: "kvm",
      message: "ok",
      color: "15803d",
    });
  });

  it("tell pages of other sites what everybody is told, and nothing else", async () => {
    const open = await ask("/badge/kvm.svg", FOREIGN);
    expect(open).toMatchObject({ status: 200, said: "kvm: ok" });
    expect(open.headers).toMatchObject({
      "cross-origin-resource-policy": "cross-origin",
      "cache-control": "public, max-age=60",
    });
    expect(await ask("/badge/promise/so-so.svg", FOREIGN)).toMatchObject({
      status: 404,
      said: "promise/so-so: not found",
    });
    expect(await ask("/badge.svg", FOREIGN)).toMatchObject({ said: "lifeguard: 1 critical" });
  });

  it("of what is public are embedded where a browser does not say that they are, as on plain HTTP, and no others", async () => {
    const policy = async (path: string) => (await ask(path)).headers["cross-origin-resource-policy"];
    expect(await policy("/badge/kvm.svg")).toBe("cross-origin");
    expect(await policy("/badge/*shop*.svg")).toBe("cross-origin");
    expect(await policy("/badge/promise/so-so.svg")).toBe("same-origin");
    expect(await policy("/badge/promise/*.svg")).toBe("same-origin");
    expect(await policy("/badge.svg")).toBe("same-origin");
  });
});

describe("the summary", () => {
  const web = useWeb();
  web.world.add(
    state("http/shop", {
      status: "critical",
      message: "no answer",
      description: { title: "The <shop>", public: true },
    }),
    state("promise/kvm", { description: { public: true } }),
    state("promise/secret", { status: "warning" }),
  );

  it("is a small page without a script that other sites may frame, with what everybody is told", async () => {
    const { text, headers } = await web.ask("/summary", { headers: FRAMED });
    expect(headers["content-security-policy"]).toContain("frame-ancestors *");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["x-frame-options"]).toBeUndefined();
    expect(text).toContain("1 of 2 services is critical");
    expect(text).toContain("The &lt;shop&gt;");
    expect(text).not.toMatch(/secret|<script|<form|refresh/);
    expect((await web.ask("/summary?refresh")).text).toContain('<meta http-equiv="refresh" content="60">');
  });

  it("tells who asks by himself all that he may look at, and is not framed then", async () => {
    const { text, headers } = await web.ask("/summary");
    expect(text).toContain("secret");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["x-frame-options"]).toBe("DENY");
  });

  it("is there for programs", async () => {
    expect(JSON.parse((await web.ask("/summary.json")).text)).toMatchObject({
      title: "lifeguard",
      status: "critical",
      headline: "1 of 3 services is critical",
      counts: { critical: 1, warning: 1, unknown: 0, ok: 1, silenced: 0 },
      trouble: [
        {
          subject: "http/shop",
          title: "The <shop>",
          status: "critical",
          message: "no answer",
          href: "/public/http%2Fshop/index.html",
        },
        { subject: "promise/secret" },
      ],
    });
  });
});

describe("/status", () => {
  const web = useWeb();

  it("tells how every component is, why the configuration was refused, and which silences hold", async () => {
    web.world.configError = "monitors.yaml:1:1 <what>";
    web.world.components = [
      {
        id: "source/k8s",
        kind: "source",
        state: "recoverable",
        status: "warning",
        message: "refused",
        since: "2026-01-01T00:00:00.000Z",
      },
      { id: "sink/web", kind: "sink", state: "ok", status: "ok", message: "", since: "" },
    ];
    web.world.silences.begin({
      id: "s",
      kind: "silence",
      subjects: ["vim/*"],
      labels: { site: ["north", "south"] },
      why: "cables",
      by: "ann",
      since: "2026-01-01T00:00:00.000Z",
      until: "2026-01-01T02:00:00.000Z",
    });
    const { status, text } = await web.ask("/status");
    expect(status).toBe(200);
    const words = text
      .replace(/<svg[\s\S]*?<\/svg>/g, "")
      .replace(/<[^>]+>/g, "\n")
      .replace(/\s*\n\s*/g, "\n");
    expect(words).toContain("monitors.yaml:1:1 &lt;what&gt;");
    expect(words).toMatch(/\nsource\/k8s\nrecoverable\n\d+ d\nrefused\nsink\/web\nok\n/);
    expect(words).toContain("\nvim/* site=north|south\n2026-01-01 02:00:00 UTC\ncables\nann\n");
  });
});
