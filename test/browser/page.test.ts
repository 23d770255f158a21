import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { serviceId } from "../../src/plugin/index.ts";
import { type Running, startWeb, state, World } from "../unit/sinks/web/context.ts";
import { madeUpHistory } from "../unit/sinks/web/past/made-up-history.ts";
import { Browser, chromium, type Tab } from "./chromium.ts";

if (!chromium) console.warn("NO CHROMIUM: the page was not looked at. Install chromium to run these tests.");

describe.skipIf(!chromium)("the page in Chromium", () => {
  let browser: Browser;
  let world: World;
  let running: Running;
  let tab: Tab;

  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser.stop());

  beforeEach(async () => {
    world = new World();
    world.add(
      state("promise/disk", { message: "63 % used", description: { title: "Disk", commands: ["run"] } }),
      state("promise/load", { message: "load 0.4", description: { commands: ["run"] } }),
      state("vim/edge-1", { source: "vims", group: "VIMs", message: "1 ms" }),
    );
    running = await startWeb(world);
    tab = await browser.tab();
  });
  afterEach(async () => {
    tab.close();
    world.stop.abort();
    await running.sink.close();
  });

  const row = (subject: string) =>
    `.row:has(a[href="/public/${encodeURIComponent(serviceId(subject))}/index.html"])`;

  it("lists the services and goes live", async () => {
    await tab.open(`${running.url}/`);
    expect(await tab.text("h1")).toBe("lifeguard");
    expect(await tab.text(".headline")).toBe("All 3 services are ok");
    expect(
      await tab.value("[...document.querySelectorAll('.row .what a')].map((a) => a.textContent)"),
    ).toEqual(["Disk", "load", "vim/edge-1"]);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    expect(tab.complaints).toEqual([]);
  });

  it("changes a message in place, and asks for no more than what is new", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.value("window.kept = document.querySelector('.row')");
    world.observe("promise/disk", { message: "64 % used" });
    await tab.until(`document.querySelector('${row("promise/disk")} p').textContent === '64 % used'`);
    expect(await tab.value("window.kept === document.querySelector('.row') && window.kept.isConnected")).toBe(
      true,
    );
    const fetched = await tab.value<[string, number][]>(
      "performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'fetch').map((one) => [one.name, one.decodedBodySize])",
    );
    expect(fetched.every(([url, size]) => url.includes("?after=") && size < 5000)).toBe(true);
  });

  it("moves what fails to the top, tells the verdict, and keeps focus and folding", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.click("details[data-key=VIMs] summary");
    expect(await tab.value("document.querySelector('details[data-key=VIMs]').open")).toBe(false);
    await tab.value(`document.querySelector('${row("promise/load")} a').focus()`);
    world.observe("promise/load", { status: "critical", message: "load 97" });
    await tab.until("document.querySelector('.row .what').innerText.includes('load 97')");
    expect(await tab.text(".headline")).toBe("1 of 3 services is critical");
    expect(await tab.value("document.title")).toBe("(1) lifeguard");
    expect(await tab.value("document.activeElement.textContent")).toBe("load");
    expect(await tab.value("document.querySelector('details[data-key=VIMs]').open")).toBe(false);
    // New trouble unfolds what was folded away while it was well.
    world.observe("vim/edge-1", { status: "critical", message: "gone" });
    await tab.until("document.querySelector('details[data-key=VIMs]').open");
    world.states.splice(0, 1);
    world.add(state("promise/new", { message: "here I am" }));
    world.observe("promise/new", { type: "promise.registered" });
    await tab.until("document.body.innerText.includes('here I am')");
    expect(await tab.value(`document.querySelector('${row("promise/disk")}')`)).toBe(null);
    expect(tab.complaints).toEqual([]);
  });

  it("keeps what is being typed while notices come and go, and shows days once there are some", async () => {
    world.configError = "monitors.yaml:1:1";
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.value(
      "window.input = document.querySelector('form.find input'); input.value = 'typ'; input.focus()",
    );
    world.configError = null;
    world.history = madeUpHistory(
      world.states.map(({ subject }) => subject),
      Date.now(),
    );
    world.observe("promise/disk", { message: "64 % used" });
    await tab.until("!document.querySelector('.notice') && document.body.innerText.includes('64 % used')");
    expect(await tab.value("document.activeElement === input && input.isConnected && input.value")).toBe(
      "typ",
    );
    await tab.until("document.querySelectorAll('.with-past .row .bar').length === 2");
  });

  it("runs a check from its button, and shows the result", async () => {
    let finish = () => {};
    world.onCommand = (subject) => {
      finish = () => world.observe(subject, { message: "ran by hand" });
    };
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.click(`${row("promise/disk")} button`);
    await tab.until(`document.querySelector('${row("promise/disk")} button').textContent === 'Running…'`);
    await vi.waitFor(() => expect(world.commands).toMatchObject([{ subject: "promise/disk", name: "run" }]));
    finish();
    await tab.until(`document.querySelector('${row("promise/disk")} p').textContent === 'ran by hand'`);
    expect(await tab.text(`${row("promise/disk")} button`)).toBe("Run now");
    expect(await tab.value("location.pathname")).toBe("/");
  });

  it("keeps a service's own page live too", async () => {
    await tab.open(`${running.url}/public/disk/index.html`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    world.observe("promise/disk", { status: "critical", message: "full", data: { error: "no\nroom" } });
    await tab.until("document.querySelector('.headline').textContent === 'critical'");
    expect(await tab.text("main > article > .message")).toBe("full");
    expect(await tab.text("pre")).toBe("no\nroom");
    expect(tab.complaints).toEqual([]);
  });

  it("says when it has lost the events, and catches up when it has them again", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await running.sink.close();
    await tab.until("document.getElementById('live').dataset.state === 'waiting'");
    await tab.value("Date.now = ((now) => () => now() + 60_000)(Date.now)");
    await tab.until("document.getElementById('live').dataset.state === 'stale'");
    expect(await tab.text("#live")).toMatch(/^stale since \d/);
    // It stays so while the browser tries again, every two seconds, and nothing stays green.
    await tab.value(
      "window.said = []; new MutationObserver(() => said.push(live.dataset.state)).observe(live, { attributes: true })",
    );
    await tab.value("new Promise((resolve) => setTimeout(resolve, 5000))");
    expect(await tab.value("said")).toEqual([]);
    expect(await tab.value("getComputedStyle(document.getElementById('page')).filter")).toBe("grayscale(1)");
    world.observe("promise/disk", { status: "critical", message: "meanwhile" });
    running = await startWeb(world, { listen: running.host });
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    await tab.until("document.body.innerText.includes('meanwhile')");
  });

  it("lets go of the events while nobody looks", async () => {
    await tab.open(`${running.url}/`);
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(1), 10_000);
    const hide = (hidden: boolean) =>
      tab.value(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await hide(true);
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(0), 10_000);
    world.observe("promise/disk", { status: "warning", message: "unseen" });
    await hide(false);
    await tab.until("document.body.innerText.includes('unseen')");
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(1), 10_000);
  });

  it("works without JavaScript", async () => {
    world.onCommand = (subject) =>
      void setImmediate(() => world.observe(subject, { message: "ran by hand" }));
    await tab.send("Emulation.setScriptExecutionDisabled", { value: true });
    await tab.open(`${running.url}/`);
    expect(await tab.text(".headline")).toBe("All 3 services are ok");
    expect(await tab.value("document.getElementById('live').hidden")).toBe(true);
    await tab.click(`${row("promise/disk")} button`);
    await tab.until(`document.querySelector('${row("promise/disk")} p')?.textContent === 'ran by hand'`);
    expect(await tab.value("location.pathname")).toBe("/");
    await tab.click(`${row("promise/disk")} a`);
    await tab.until(
      "location.pathname === '/public/disk/index.html' && document.querySelector('h1')?.textContent === 'Disk'",
    );
    await tab.click(".run button");
    await tab.until(
      "performance.getEntriesByType('navigation')[0].type === 'navigate' && document.querySelector('h1')",
    );
    await vi.waitFor(() => expect(world.commands).toHaveLength(2));
  });

  it("offers a feed and a document that their own kind of reader takes", async () => {
    world.observe("promise/disk", { status: "critical", message: '<b>"1 < 2" & so on' });
    await tab.open(`${running.url}/`);
    const read = (link: string) =>
      tab.value<{ root: string; broken: boolean; titles: string[]; guids: string[] }>(`(async () => {
        const href = document.querySelector('link[type="${link}"]').href;
        const feed = new DOMParser().parseFromString(await (await fetch(href)).text(), "application/xml");
        const all = (name) => [...feed.querySelectorAll("item > " + name)].map((one) => one.textContent);
        return { root: feed.documentElement.nodeName, broken: feed.querySelector("parsererror") !== null,
          titles: all("title"), guids: all("guid") };
      })()`);
    expect(await read("application/rss+xml")).toEqual({
      root: "rss",
      broken: false,
      titles: ["[critical] Disk"],
      guids: [expect.stringMatching(/^urn:uuid:/)],
    });
    const services = await tab.value<string[]>(`(async () => {
      const hal = await (await fetch(document.querySelector('link[type="application/hal+json"]').href)).json();
      return Promise.all(hal._embedded.service.map(async ({ _links }) => (await (await fetch(_links.status.href)).json()).status));
    })()`);
    expect(services).toEqual(["BAD", "OK", "OK"]);
  });

  it.each(["light", "dark"])("has the contrast that people need, in %s", async (scheme) => {
    world.add(
      state("promise/c", { status: "critical" }),
      state("promise/w", { status: "warning" }),
      state("promise/s", { status: "unknown", stale: "no result" }),
    );
    world.configError = "monitors.yaml:1:1";
    await tab.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    await tab.open(`${running.url}/`);
    const low = await tab.value<string[]>(`(() => {
      const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const paint = (colours) => {
        context.clearRect(0, 0, 1, 1);
        for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
      };
      const luminance = (rgb) => rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
      const found = [];
      for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility()) continue;
        const grounds = [];
        for (let at = element; at; at = at.parentElement) {
          const { backgroundColor, backgroundImage } = getComputedStyle(at);
          if (backgroundImage.startsWith("linear-gradient")) grounds.push(/(?:color|rgba?)\\([^)]*\\)/.exec(backgroundImage)[0]);
          grounds.push(backgroundColor);
        }
        const ground = paint(grounds.reverse());
        const text = paint([...grounds, getComputedStyle(element).color]);
        const [a, b] = [luminance(ground), luminance(text)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) found.push(element.className + " " + element.textContent.trim() + " " + ratio.toFixed(2));
      }
      return found;
    })()`);
    expect(low).toEqual([]);
  });

  it.each([320, 375, 1280])("fits a window of %i pixels, with targets that can be hit", async (width) => {
    world.add(state("promise/long", { message: "x".repeat(500), description: { title: "y".repeat(200) } }));
    await tab.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 800,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    for (const path of ["/", "/public/long/index.html"]) {
      await tab.open(`${running.url}${path}`);
      expect(await tab.value("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      const small = await tab.value<string[]>(
        `[...document.querySelectorAll("button, summary")].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).map((one) => one.textContent)`,
      );
      expect(small).toEqual([]);
    }
  });
});
