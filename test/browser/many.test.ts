import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../src/plugin/index.ts";
import { type Running, startWeb, state, World } from "../unit/sinks/web/context.ts";
import { Browser, chromium, type Tab } from "./chromium.ts";

if (!chromium)
  console.warn(
    "NO CHROMIUM: a page of many services was not looked at. Install chromium to run these tests.",
  );

const SERVICES = 1000;
const CHANGES_A_SECOND = 100;
const SECONDS = 5;

describe.skipIf(!chromium)("a page of 1,000 services in Chromium", () => {
  let browser: Browser;
  let world: World;
  let running: Running;
  let tab: Tab;

  beforeAll(async () => {
    browser = await Browser.start();
    world = new World();
    for (let at = 0; at < SERVICES; at++)
      world.add(
        state(`bench/service-${at}`, {
          group: `Site ${at % 37}`,
          message: `answered in ${(at * 7919) % 1000} ms`,
          since: new Date(Date.now() - at * 60_000).toISOString(),
        }),
      );
    running = await startWeb(world);
    tab = await browser.tab();
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
  });
  afterAll(async () => {
    tab.close();
    world.stop.abort();
    await running.sink.close();
    await browser.stop();
  });

  /** What a person sees: name, verdict and message of every row, in order. */
  const shown = () =>
    tab.value<string[]>(
      "[...document.querySelectorAll('.row')].map((row) => [row.closest('.group').dataset.key, row.querySelector('a').textContent, row.className.split(' ')[1], row.querySelector('p').textContent].join('|'))",
    );

  it("stays smooth while a hundred change every second, and shows what the server would", async () => {
    const words: Status[] = ["ok", "ok", "critical", "warning", "ok", "unknown"];
    let change = 0;
    const { cpu, wall } = await tab.longestTask(async () => {
      for (let tick = 0; tick < SECONDS * 10; tick++) {
        for (let at = 0; at < CHANGES_A_SECOND / 10; at++) {
          change++;
          const subject = `bench/service-${(change * 7919) % SERVICES}`;
          world.observe(subject, {
            status: words[change % words.length] as Status,
            message: `change ${change}`,
          });
        }
        // The pace of the changes is what is tested.
        await pause(100);
      }
    });
    console.log(`longest task: ${cpu} ms of processor time, which took ${wall} ms`);
    expect(cpu).toBeLessThan(50);

    await tab.until(`document.body.textContent.includes("change ${change}")`);
    const live = await shown();
    await tab.open(`${running.url}/?fresh`);
    expect(live).toEqual(await shown());
    expect(new Set(live).size).toBe(SERVICES);
    expect(tab.complaints).toEqual([]);
  });

  it("shows a thousand changes at once without a hitch", async () => {
    await tab.open(`${running.url}/`);
    await tab.until("document.getElementById('live').dataset.state === 'live'");
    for (let at = 0; at < SERVICES; at++)
      world.observe(`bench/service-${at}`, { status: "critical", message: "the site is gone" });
    await tab.until(
      "[...document.querySelectorAll('.row.critical p')].filter((p) => p.textContent === 'the site is gone').length === 1000",
    );
    expect(await tab.text(".headline")).toBe("1000 of 1000 services are critical");
  });
});
