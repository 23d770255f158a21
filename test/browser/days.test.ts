import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Running, startWeb, state, World } from "../unit/sinks/web/context.ts";
import { madeUpHistory } from "../unit/sinks/web/past/made-up-history.ts";
import { Browser, chromium, type Tab } from "./chromium.ts";

if (!chromium)
  console.warn("NO CHROMIUM: nobody asked what the days of a bar were. Install chromium to run these tests.");

const NOW = Date.now();
/** The day so many days ago. */
const date = (ago: number) => new Date(NOW - ago * 86_400_000).toISOString().slice(0, 10);

describe.skipIf(!chromium)("what the days of a bar were", () => {
  const world = new World();
  let browser: Browser;
  let running: Running;
  let tab: Tab;

  beforeAll(async () => {
    const subjects = ["promise/disk", "promise/load"];
    world.add(...subjects.map((subject) => state(subject)));
    world.history = madeUpHistory(subjects, NOW);
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
  beforeEach(() => show("/", 1280));

  const show = async (path: string, width: number) => {
    await tab.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await point({ x: 0, y: 0 });
    await tab.open(`${running.url}${path}`);
    await tab.until(
      "document.querySelector('.bar') && document.getElementById('live').dataset.state === 'live'",
    );
  };
  const point = ({ x, y }: { x: number; y: number }) =>
    tab.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  /** Where a day of the last bar is. */
  const placeOf = (ago: number) =>
    tab.value<{ x: number; y: number }>(`(() => {
      const { left, top, width, height } = [...document.querySelectorAll(".bar")].at(-1).getBoundingClientRect();
      return { x: left + width * ${(89.5 - ago) / 90}, y: top + height / 2 };
    })()`);
  /** What is told, in one line; null where nothing is. */
  const told = async () => (await tab.text(".day:not([hidden]) p"))?.replace(/\s+/g, " ") ?? null;

  it("is told under the pointer: its date, its worst verdict and its uptime", async () => {
    for (const [ago, words] of [
      [0, "ok, 100 % up"],
      [1, "nothing is known"],
      [4, "critical, 90.0 % up"],
      [6, "warning, 100 % up"],
      [89, "nothing is known"],
    ] as const) {
      await point(await placeOf(ago));
      expect(await told()).toBe(`${date(ago)} (UTC) ${words}`);
    }
  });

  it("stays while the pointer is on the words, and goes with it", async () => {
    const day = await placeOf(4);
    await point(day);
    const words = await tab.value<{ x: number; top: number; bottom: number }>(`(() => {
      const { left, width, top, bottom } = document.querySelector(".day p").getBoundingClientRect();
      return { x: left + width / 2, top, bottom };
    })()`);
    // All the way up, so that a gap between them would show.
    for (let y = day.y; y > words.top; y -= 2) await point({ x: words.x, y });
    expect(await told()).toContain(date(4));
    await point({ x: 5, y: 5 });
    expect(await told()).toBe(null);
  });

  it("is dismissed by Esc without moving the pointer, until it is on another day", async () => {
    const { x, y } = await placeOf(4);
    await point({ x, y });
    await tab.press("Escape");
    expect(await told()).toBe(null);
    await point({ x, y: y + 1 });
    expect(await told()).toBe(null);
    await point(await placeOf(5));
    expect(await told()).toContain(date(5));
  });

  it("is told day by day with the keys, from the service that has the focus", async () => {
    await tab.press("j");
    await tab.press("ArrowLeft");
    expect(await told()).toBe(`${date(0)} (UTC) ok, 100 % up`);
    for (let days = 0; days < 4; days++) await tab.press("ArrowLeft");
    expect(await told()).toBe(`${date(4)} (UTC) critical, 90.0 % up`);
    expect(await tab.value("document.querySelector('.day p').ariaLive")).toBe("polite");
    await tab.press("ArrowRight");
    expect(await told()).toContain(date(3));
    await tab.press("Home");
    expect(await told()).toContain(date(89));
    await tab.press("End");
    expect(await told()).toContain(date(0));
    // A pointer that moves elsewhere takes nothing away.
    await point({ x: 5, y: 5 });
    expect(await told()).toContain(date(0));
    await tab.press("Escape");
    expect(await told()).toBe(null);
    await tab.press("ArrowLeft");
    expect(await told()).toContain(date(1));
    await tab.press("j");
    expect(await told()).toBe(null);
  });

  it("is told under a finger, within the window, until it touches something else", async () => {
    await show("/", 320);
    await tab.value("document.querySelector('.row:last-child .bar').scrollIntoView({ block: 'center' })");
    const touch = async (place: { x: number; y: number }) => {
      await tab.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [place] });
      await tab.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };
    for (const ago of [89, 0]) {
      await touch(await placeOf(ago));
      expect(await told()).toContain(date(ago));
      expect(
        await tab.value(`(() => {
          const { left, right } = document.querySelector(".day p").getBoundingClientRect();
          return left >= 0 && right <= innerWidth && document.documentElement.scrollWidth <= innerWidth;
        })()`),
      ).toBe(true);
    }
    await touch({ x: 5, y: 5 });
    expect(await told()).toBe(null);
  });

  it("breaks no rule of axe meanwhile", async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await point(await placeOf(4));
    await tab.value(`${axe}; undefined`);
    expect(await tab.value("axe.run().then(({ violations }) => violations.map(({ id }) => id))")).toEqual([]);
    expect(await told()).toContain(date(4));
  });

  it("is told on a service's own page, too", async () => {
    await show("/public/disk/index.html", 1280);
    await tab.value("document.querySelector('.bar').scrollIntoView({ block: 'center' })");
    await point(await placeOf(4));
    expect(await told()).toBe(`${date(4)} (UTC) critical, 90.0 % up`);
    await tab.value("document.querySelector('.days summary').focus()");
    await tab.press("ArrowLeft");
    expect(await told()).toBe(`${date(5)} (UTC) ok, 100 % up`);
    expect(tab.complaints).toEqual([]);
  });
});
