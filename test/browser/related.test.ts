import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, state, World } from "../unit/sinks/web/context.ts";
import { Browser, chromium } from "./chromium.ts";

const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

if (!chromium) console.warn("NO CHROMIUM: the page was not looked at. Install chromium to run these tests.");

describe.skipIf(!chromium)("related monitors in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser.stop());

  it("are renewed by themselves when one changes or dies, and what was folded stays so", async () => {
    let answer = { id: "door", title: "Door", status: "OK", verdict: "ok", message: "shut" };
    const peer = createServer((_request, response) =>
      response.end(JSON.stringify({ title: "Paris", _embedded: { service: [answer] } })),
    );
    await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}/`;
    const world = new World();
    world.add(state("promise/own"));
    const running = await startWeb(world, { related: [url, "http://127.0.0.1:1/"], related_interval: "1s" });
    const tab = await browser.tab();
    try {
      await tab.open(`${running.url}/`);
      await tab.until("document.getElementById('live').dataset.state === 'live'");
      const monitors = "[...document.querySelectorAll('#related-monitors .monitor')]";
      const tallies = `${monitors}.map((one) => one.querySelector('.tally').textContent.trim()).join()`;
      await tab.until(`${tallies} === '1 ok,dead'`);
      expect(await tab.value(`${monitors}.map((one) => one.querySelector('h3').textContent)`)).toEqual([
        "Paris",
        "127.0.0.1:1",
      ]);

      await tab.value(`window.kept = ${monitors}[0]; ${monitors}[1].open = false;`);
      answer = { ...answer, status: "BAD", verdict: "critical", message: "ajar" };
      await tab.until(`${tallies} === '1 critical,dead'`);
      const shown = (row: string) =>
        `document.querySelector("#related-monitors .row.${row} .what p")?.textContent`;
      await tab.until(`${shown("critical")} === "ajar"`);
      peer.closeAllConnections();
      peer.close();
      await tab.until(`${tallies} === 'dead,dead'`);
      await tab.until(`${shown("stale")} === "was critical: ajar"`);
      // What they come to is in the verdict and the tab's title.
      await tab.until(
        "document.querySelector('.headline').textContent === '2 of 2 related monitors are not ok: 2 dead' && document.title.startsWith('(2) ')",
      );
      expect(await tab.value(`window.kept === ${monitors}[0] && !${monitors}[1].open`)).toBe(true);
      // No other part of the page was asked for than that and the page's own differences.
      const asked = await tab.value<string[]>(
        "[...new Set(performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'fetch').map((one) => new URL(one.name).pathname))]",
      );
      expect(asked.filter((path) => path !== "/")).toEqual(["/related"]);

      await tab.value(`${AXE}; undefined`);
      const violations = await tab.value(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
      );
      expect(violations).toEqual([]);
      expect(tab.complaints).toEqual([]);
    } finally {
      tab.close();
      world.stop.abort();
      await running.sink.close();
      peer.closeAllConnections();
      peer.close();
    }
  });
});
