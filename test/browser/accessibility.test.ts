import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, startWeb, state, World } from "../unit/sinks/web/context.ts";
import { madeUpHistory } from "../unit/sinks/web/past/made-up-history.ts";
import { Browser, chromium, type Tab } from "./chromium.ts";

if (!chromium)
  console.warn(
    "NO CHROMIUM: nobody asked whether everybody can use the page. Install chromium to run these tests.",
  );

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["/", "/?q=disk&status=silenced", "/public/disk/index.html", "/status", "/nothing", "/summary"];

describe.skipIf(!chromium)("the page for everybody", () => {
  let browser: Browser;
  let running: Running;
  let tab: Tab;
  const world = new World();

  beforeAll(async () => {
    const limits = { warn: 0.5, crit: 0.9 };
    world.add(
      state("promise/disk", {
        status: "critical",
        message: "full",
        measures: { rtt: { value: 0.2, unit: "s", ...limits } },
        description: {
          title: "Disk",
          description: "What is on it.",
          commands: ["run"],
          links: [{ rel: "runbook", href: "https://example.org/", title: "Runbook" }],
        },
      }),
      state("promise/load", { status: "warning", description: { commands: ["run"] } }),
      state("promise/mail", { status: "critical" }),
      state("promise/old", { status: "unknown", stale: "no result since noon" }),
      state("promise/new", { status: "unknown", event: null, message: "" }),
      state("promise/fine", { group: "Others" }),
      state("vim/edge-1", { source: "vims", instance: "vims", group: "Others" }),
    );
    world.observe("promise/disk", {
      message: "still full",
      data: { error: "line one\nline two", returncode: 2 },
    });
    world.history = madeUpHistory(
      world.states.map(({ subject }) => subject),
      Date.now(),
    );
    world.configError = 'monitors.yaml:14:9 CFG012 unknown key "intervall"';
    world.components = [
      {
        id: "source/k8s",
        kind: "source",
        state: "recoverable",
        status: "warning",
        message: "refused",
        since: "2026-01-01T00:00:00.000Z",
      },
      {
        id: "sink/web",
        kind: "sink",
        state: "ok",
        status: "ok",
        message: "",
        since: "2026-01-01T00:00:00.000Z",
      },
    ];
    world.silences.begin({
      id: "s",
      kind: "silence",
      subjects: ["promise/mail"],
      labels: {},
      why: "cables",
      by: "ann",
      since: "2026-01-01T00:00:00.000Z",
      until: "2036-01-01T00:00:00.000Z",
    });
    running = await startWeb(world);
    browser = await Browser.start();
    tab = await browser.tab();
  });
  afterAll(async () => {
    tab.close();
    await browser.stop();
    world.stop.abort();
    await running.sink.close();
  });

  const size = (width: number) =>
    tab.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
  const media = (features: Record<string, string>) =>
    tab.send("Emulation.setEmulatedMedia", {
      features: Object.entries(features).map(([name, value]) => ({ name, value })),
    });

  describe.each(["light", "dark"])("in %s", (scheme) => {
    it.each(PAGES.flatMap((path) => [1280, 360].map((width) => [path, width] as const)))(
      "%s at %i pixels breaks no rule of axe",
      async (path, width) => {
        await size(width);
        await media({ "prefers-color-scheme": scheme });
        await tab.open(`${running.url}${path}`);
        if (path === "/") await tab.until("document.querySelector('.bar')");
        await tab.value("for (const fold of document.querySelectorAll('details')) fold.open = true");
        await tab.value(`${axe}; undefined`);
        const broken = await tab.value<{ id: string; nodes: string[] }[]>(
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((one) => one.html.slice(0, 200) + ' ' + one.failureSummary.slice(0, 300)) })))",
        );
        expect(broken).toEqual([]);
        expect(await tab.value("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      },
    );
  });

  it("keeps its bars and verdicts in forced colours, and does not move for who wants that", async () => {
    await size(1280);
    await media({ "forced-colors": "active", "prefers-reduced-motion": "reduce" });
    await tab.open(`${running.url}/`);
    const strokes = await tab.value<string[]>(
      "[...document.querySelector('.bar').children].map((path) => getComputedStyle(path).stroke + ' ' + getComputedStyle(path).strokeWidth)",
    );
    expect(new Set(strokes.map((stroke) => stroke.split(" ").at(-1))).size).toBe(strokes.length);
    expect(strokes.every((stroke) => !stroke.startsWith("none"))).toBe(true);
    world.observe("promise/fine", { message: "moved?" });
    await tab.until("document.body.innerText.includes('moved?')");
    expect(await tab.value("document.getAnimations().length")).toBe(0);
    await media({});
  });

  const focused = () =>
    tab.value<string>("document.activeElement.textContent || document.activeElement.name");

  it("is used with the keys alone, which are left to who types", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.press("j");
    expect(await focused()).toBe("Disk");
    await tab.press("j");
    expect(await focused()).toBe("load");
    await tab.press("ArrowDown");
    await tab.press("k");
    expect(await focused()).toBe("load");
    await tab.press("/");
    expect(await focused()).toBe("q");
    for (const key of ["j", "/", "?"]) await tab.press(key);
    expect(await tab.value("document.activeElement.value")).toBe("j/?");
    expect(await tab.value("document.querySelector('dialog[open]')")).toBe(null);
    await tab.value("document.activeElement.value = ''; document.activeElement.blur()");
    await tab.press("?");
    expect(await tab.text("dialog[open] h2")).toBe("Keys");
    await tab.press("Escape");
    await tab.until("!document.querySelector('dialog[open]')");
    await tab.value("document.querySelector('.row a').focus()");
    await tab.press("Enter");
    await tab.until("location.pathname === '/public/disk/index.html'");
  });

  it("leaves keys of one character alone for who turns them off, and is told of them without any", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.querySelector('footer button')");
    await tab.click("footer button");
    expect(await tab.text("dialog[open] h2")).toBe("Keys");
    await tab.click("dialog input");
    await tab.click("dialog form button");
    await tab.press("j");
    expect(await tab.value("document.activeElement.closest('.row')")).toBeNull();
    await tab.click("footer button");
    await tab.click("dialog input");
    await tab.click("dialog form button");
    await tab.press("j");
    expect(await tab.value("document.activeElement.closest('.row') !== null")).toBe(true);
  });

  it("shows what is searched for while it is typed, and keeps it in the address", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.press("/");
    for (const key of "mail") await tab.press(key);
    await tab.until("document.querySelectorAll('.row').length === 1");
    expect(await tab.value("location.search")).toBe("?q=mail");
    expect(await focused()).toBe("q");
    expect(await tab.value("document.activeElement.value")).toBe("mail");
    world.observe("promise/load", { status: "critical", message: "and a change" });
    await tab.until("document.querySelector('.headline').textContent.startsWith('2 of')");
    expect(await tab.value("document.querySelectorAll('.row').length")).toBe(1);
    expect(tab.complaints.filter((one) => !one.includes("404"))).toEqual([]);
  });
});
