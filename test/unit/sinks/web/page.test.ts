import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import type { DaysQuery } from "../../../../src/plugin/index.ts";
import { state } from "./context.ts";
import { ScriptedHistory } from "./feeds/scripted-history.ts";
import { useWeb } from "./harness.ts";

const WORST = ["critical", "warning"] as const;

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const text = (html: string) =>
  html
    .replace(/<svg[\s\S]*?<\/svg>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/\s*\n\s*/g, "\n");

describe("the page", () => {
  const web = useWeb();
  const { world } = web;

  it("says what to do while nothing is monitored", async () => {
    const page = text((await web.ask("/")).text);
    expect(page).toContain("Nothing is monitored yet");
    expect(page).toContain("promises: { directory: ./checks }");
    expect(page).toContain("lifeguard validate");
  });

  it("waits for first results without crying wolf", async () => {
    world.add(state("promise/first", { event: null, status: "unknown", message: "" }));
    const page = text((await web.ask("/")).text);
    expect(page).toContain("Waiting for the first results of 1 service");
    expect(page).toMatch(/pending\nfirst\nwaiting for the first result/);
  });

  it("gives the verdict, since when, and counts", async () => {
    world.observe("promise/first", { status: "ok", message: "fine" });
    expect(text((await web.ask("/")).text)).toContain("The one service is ok");
    world.add(
      state("promise/bad", {
        status: "critical",
        message: "no room",
        since: ago(7200),
        description: { title: "Disk" },
      }),
      state("promise/worse", { status: "critical", since: ago(60), group: "Second" }),
      state("promise/so-so", { status: "warning", since: ago(90_000) }),
      state("vim/edge", { source: "vims", group: "VIMs" }),
      state("promise/old", {
        status: "unknown",
        stale: "no result since noon",
        message: "was fine",
        seen: ago(400),
      }),
    );
    const html = (await web.ask("/")).text;
    const page = text(html);
    expect(page).toMatch(/2 of 6 services are critical\nfor\n2 h\n/);
    expect(page).toMatch(/\n2\ncritical\n1\nwarning\n1\nunknown\n2\nok\n/);
    expect(html).toContain("<title>(3) lifeguard</title>");
    expect(page).toMatch(/stale\nfor\n6 min\nold\nno result since noon \(last: was fine\)\n/);
    expect(html).toMatch(
      new RegExp(
        `<time class="ago" datetime="${world.states[1]?.since}" title="[0-9-]+ [0-9:]+ UTC">2 h</time>`,
      ),
    );
  });

  it("groups, failing first, and folds away what is well once there is much", async () => {
    const groups = async () =>
      [
        ...(await web.ask("/")).text.matchAll(
          /<details class="group" data-key="([^"]+)" data-status="\w+"( open)?>/g,
        ),
      ].map(([, name, open]) => [name, open !== undefined]);
    expect(await groups()).toEqual([
      ["promises", true],
      ["Second", true],
      ["VIMs", true],
    ]);
    const rows = [...(await web.ask("/")).text.matchAll(/<li class="row (\w+)"/g)].map(([, word]) => word);
    expect(rows).toEqual(["critical", "warning", "stale", "ok", "critical", "ok"]);
    for (let at = 0; at < 100; at++) world.add(state(`vim/${at}`, { source: "vims", group: "VIMs" }));
    expect(await groups()).toEqual([
      ["promises", true],
      ["Second", true],
      ["VIMs", false],
    ]);
  });

  it("shows a refused configuration and components that are not ok", async () => {
    expect((await web.ask("/")).text).not.toContain("About lifeguard itself");
    world.configError = 'monitors.yaml:14:9 CFG012 unknown key "intervall"';
    world.components = [
      {
        id: "source/k8s",
        kind: "source",
        state: "recoverable",
        status: "warning",
        message: "refused",
        since: "",
      },
      { id: "sink/web", kind: "sink", state: "ok", status: "ok", message: "", since: "" },
    ];
    const page = text((await web.ask("/")).text);
    expect(page).toContain("monitors.yaml:14:9 CFG012 unknown key &quot;intervall&quot;");
    expect(page).toContain("source/k8s\nis recoverable: refused");
    expect(page).not.toContain("sink/web");
    world.configError = null;
    world.components = [];
  });

  it("is well-formed in its outline: one h1, landmarks, a live region for the verdict alone", async () => {
    for (const path of ["/", "/public/bad/index.html", "/nothing"]) {
      const html = (await web.ask(path, { headers: { accept: "text/html" } })).text;
      expect(html.match(/<h1/g)).toHaveLength(1);
      for (const landmark of ["<header>", '<main id="main">', "<footer>", '<a class="skip" href="#main">'])
        expect(html).toContain(landmark);
      expect(html.match(/role="status"|aria-live/g) ?? []).toHaveLength(path === "/nothing" ? 0 : 1);
      expect(html).toContain('<html lang="en">');
      expect(html).toContain('name="viewport"');
    }
  });

  it("loads assets that are kept for good and change their address with their content", async () => {
    const html = (await web.ask("/")).text;
    const urls = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url = ""]) => url);
    expect(urls.map((url) => url.split("/").at(-1))).toEqual(["icon.svg", "page.css", "page.js"]);
    for (const url of urls) {
      const answer = await web.ask(url);
      expect(answer.status).toBe(200);
      expect(answer.headers["cache-control"]).toContain("immutable");
      expect((await web.ask(url.replace(/[0-9a-f]{12}/, "000000000000"))).status).toBe(404);
    }
  });

  it("names the alternatives for machines", async () => {
    const html = (await web.ask("/m/promises/")).text;
    expect(html).toContain(
      'rel="alternate" type="application/rss+xml" title="Changes" href="/m/promises/feed"',
    );
    expect(html).toContain(
      'rel="alternate" type="application/hal+json" title="HAL" href="/m/promises/monitor.haljson"',
    );
  });
});

describe("a page of many services", () => {
  const web = useWeb();
  for (let at = 0; at < 80; at++) web.world.add(state(`promise/${at}`));

  it("shows them all while all are well, and else keeps trouble apart from what is well", async () => {
    const html = async () => (await web.ask("/")).text;
    expect(await html()).toMatch(/<details class="group"[^>]* open>/);
    expect(await html()).toMatch(/<details class="well" data-key="well" open>/);
    web.world.observe("promise/40", { status: "critical" });
    web.world.observe("promise/50", { status: "warning" });
    const [trouble = "", well = ""] = (await html()).split('<details class="well folded" data-key="well">');
    expect(trouble.match(/<li class="row \w+/g)).toEqual([
      '<li class="row critical',
      '<li class="row warning',
    ]);
    expect(text(well)).toContain("78 more that are ok");
    expect(well.match(/<li class="row ok/g)).toHaveLength(78);
  });
});

describe("a service's page", () => {
  const web = useWeb();
  const { world } = web;
  world.add(
    state("promise/kvm", {
      since: ago(3600),
      seen: ago(10),
      measures: {
        used: { value: 0.0134, unit: "s" },
        free: { value: 1.5e9, unit: "B", warn: 1e9, crit: "5:" },
        load: { value: 97.25, unit: "%" },
      },
      description: {
        title: "Kvm log parse",
        description: "Reads the log.",
        commands: ["run"],
        resources: [{ name: "kvm.log", path: "/nowhere/kvm.log", public: true }],
        links: [{ rel: "runbook", href: "https://example.org/kvm", title: "Runbook" }],
      },
    }),
  );
  world.observe("promise/kvm", { status: "warning", message: "slow" });
  world.observe("promise/kvm", {
    status: "critical",
    message: "broken",
    data: {
      error: "line one\nline two\n",
      returncode: 2,
      "execution-time": 0.25,
      nested: { a: [1] },
      message: "said",
    },
  });

  it("tells all that is known", async () => {
    const html = (await web.ask("/public/kvm/index.html")).text;
    const page = text(html);
    expect(html).toContain("<h1>Kvm log parse</h1>");
    expect(page).toMatch(/\ncritical\nfor\n\d+ s\n/);
    for (const found of ["broken", "Reads the log.", "promise/kvm", "promises"])
      expect(page).toContain(`\n${found}\n`);
    expect(page).toContain("\nused\n13.4 ms\n");
    expect(page).toContain("\nfree\n1.5 GB\n1 GB\n5:\n");
    expect(page).toContain("\nload\n97.3 %\n");
    expect(html).toContain('<h2>Standard error</h2><pre tabindex="0">line one\nline two\n</pre>');
    expect(page).toContain("\nExit code\n2\nExecution time\n250 ms\n");
    expect(page).toContain("&quot;a&quot;");
    expect(page).not.toContain("\nsaid\n");
    expect(html).toContain('<a href="/public/kvm/kvm.log">kvm.log</a>');
    expect(html).toContain('<a href="https://example.org/kvm" rel="noreferrer">Runbook</a>');
    expect(page).toMatch(
      /Recent changes\n[\s\S]*critical\nbroken\n[\s\S]*warning\nslow\n[\s\S]*Latest results/,
    );
    expect(html).toContain('href="/public/kvm.status.json"');
    expect(html).toContain('href="/feed"');
    expect(html).toContain('name="back" value="service"');
  });
});

describe("a page of 1,000 services", () => {
  const web = useWeb();
  for (let at = 0; at < 1000; at++)
    web.world.add(
      state(`promise/service-${at}`, {
        group: `Group ${at % 12}`,
        status: at % 97 === 0 ? "critical" : "ok",
        message: `answered in ${(at * 7919) % 313} ms with ${(at * 104_729) % 90_000} bytes`,
        since: ago((at * 997) % 900_000),
        description: { title: `Service number ${at} of the platform`, commands: ["run"] },
      }),
    );

  const worst = (at: number, day: number) => WORST[(at * 7919 + day * 104_729) % 61] ?? ("ok" as const);
  const whole = { up: 86_400_000, down: 0, unknown: 0, uptime: 1, latency: null };
  const counts = { critical: 0, warning: 0, unknown: 0, ok: 1 };
  web.world.history = Object.assign(new ScriptedHistory(), {
    days: async ({ after = "0", limit = 100 }: DaysQuery) => {
      const from = Number(after);
      const items = web.world.states.slice(from, from + limit).map(({ origin, source, subject }, at) => ({
        origin,
        source,
        subject,
        uptime: 0.9987 - ((at * 7919) % 100) / 10_000,
        days: Array.from({ length: 90 }, (_, day) => ({
          ...whole,
          day: "2026-01-01",
          worst: worst(from + at, day),
          counts,
        })),
      }));
      return { items, next: from + limit < 1000 ? String(from + limit) : null };
    },
  });

  it("takes no more than 60 KB with ninety days of each, compressed for who asks", async () => {
    await vi.waitFor(
      async () => expect((await web.ask("/")).text.match(/class="bar"/g)).toHaveLength(1000),
      10_000,
    );
    const compressed = await new Promise<Buffer>((resolve, reject) => {
      const headers = { host: web.host, "accept-encoding": "gzip" };
      request(`${web.url}/`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response
          .on("data", (chunk: Buffer) => chunks.push(chunk))
          .on("end", () => resolve(Buffer.concat(chunks)));
        expect(response.headers["content-encoding"]).toBe("gzip");
        expect(response.headers.vary).toContain("Accept-Encoding");
      })
        .on("error", reject)
        .end();
    });
    expect(compressed.length).toBeLessThan(60_000);
    const html = gunzipSync(compressed).toString();
    expect(html.match(/<li class="row /g)).toHaveLength(1000);
    expect((await web.ask("/")).text).toBe(html);
  });
});

describe("a service's page with a history", () => {
  const web = useWeb();
  const { world } = web;
  world.add(state("promise/kvm", { measures: { rtt: { value: 0.2, unit: "s", warn: 0.5 } } }));
  const own = { origin: "here", source: "promises", subject: "promise/kvm" };
  const minutes = (count: number) => new Date(Date.now() - count * 60_000).toISOString();
  const today = new Date().toISOString().slice(0, 10);
  const counts = { critical: 1, warning: 0, unknown: 0, ok: 3 };
  const day = {
    day: today,
    worst: "critical",
    uptime: 0.95,
    up: 19e6,
    down: 1e6,
    unknown: 0,
    counts,
  } as const;
  world.history = {
    events: async () => ({ items: [], next: null }),
    days: async () => ({
      items: [{ ...own, uptime: 0.95, days: [{ ...day, latency: { p50: 20, p95: 90 } }] }],
      next: null,
    }),
    episodes: async () => ({
      items: [
        {
          ...own,
          id: "e2",
          began: minutes(5),
          ended: null,
          duration: 300_000,
          worst: "warning",
          state: "SLOW",
          message: "slow <now>",
          events: 1,
        },
        {
          ...own,
          id: "e1",
          began: minutes(90),
          ended: minutes(60),
          duration: 1_800_000,
          worst: "critical",
          state: "BAD",
          message: "",
          events: 2,
        },
      ],
      next: null,
    }),
    measures: async () => [
      {
        ...own,
        name: "rtt",
        unit: "s",
        points: [30, 20, 10].map((ago) => ({ time: minutes(ago), min: 0.1, max: 0.3, mean: 0.2, count: 1 })),
      },
    ],
  };

  it("tells uptime, days, episodes and measures", async () => {
    const html = (await web.ask("/public/kvm/index.html?period=7d")).text;
    const page = text(html);
    expect(page).toContain("\n24 hours\n100 %\n7 days\n95.0 %\n30 days\n95.0 %\n90 days\n95.0 %\n");
    expect(page).toContain(`\n${today}\ncritical\n95.0 %\n16 min\n20 ms\n90 ms\n`);
    expect(page).toMatch(/\nwarning\nfor 5 min, still going on\n[\d: -]+UTC\nslow &lt;now&gt;\n/);
    expect(page).toMatch(/\ncritical\n30 min\n[\d: -]+UTC\nto\n[\d: -]+UTC\nBAD\n/);
    expect(page).toContain("\nrtt\nmean 200 ms, between 100 ms and 300 ms\n");
    expect(html).toContain(
      '<a href="/public/kvm/index.html?period=7d#period" aria-current="true">7 days</a>',
    );
    expect(page).not.toContain("Recent changes");
  });

  it("shows the rest, and says so, where the history fails", async () => {
    const { history } = world;
    world.history = history && { ...history, episodes: () => Promise.reject(new Error("the disk is away")) };
    const page = text((await web.ask("/public/kvm/index.html?period=90d")).text);
    expect(page).toContain("The history does not answer in full: the disk is away. The rest is shown.");
    expect(page).toContain("\n90 days\n95.0 %\n");
  });
});
