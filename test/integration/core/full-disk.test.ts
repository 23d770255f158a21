import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { balanced, Lifeguard } from "../../support/lifeguard.ts";
import { fillUp, smallDisk } from "../../support/small-disk.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

test("a full disk is told on the page and in the health, nothing acknowledged is lost, and it goes on by itself", async (context) => {
  using folder = temporaryFolder();
  const data = smallDisk(context, 24);
  const ledger = join(folder.path, "ledger");
  const out = join(folder.path, "out");
  await using lifeguard = new Lifeguard(
    folder.path,
    `
sources:
  counter: { type: ${FIXTURES}counter-source.ts, ledger: ${ledger}, size: 100, rate: 3000 }
sinks:
  web: { listen: 127.0.0.1:0 }
  file: { type: ${FIXTURES}file-sink.ts, file: ${out}, from: { types: ["counter.*"] } }
`,
    { data },
  );
  await lifeguard.ready();
  const url = await lifeguard.url();
  await until("some events", () => lines(out).length > 1000);
  const ballast = fillUp(data, 256 * 1024);

  const journal = () => lifeguard.status()?.components.find(({ id }) => id === "core/journal");
  await until("the trouble in the health", () => journal()?.state === "recoverable", 60_000);
  expect((await fetch(new URL("/readyz", url))).status).toBe(503);
  expect(await (await fetch(url)).text()).toMatch(/full/);
  await until("what is shown is not trusted", () => {
    const { code, stdout } = lifeguard.cli("status", "counter/*");
    return code === 3 && /results cannot be kept: .*full/.test(stdout);
  });
  const stuck = lines(ledger).length;

  rmSync(ballast);
  await until("progress after there is room", () => lines(ledger).length > stuck + 1000, 60_000);
  await until("good health", () => journal()?.state === "ok");
  await until("trust", () => !lifeguard.cli("status", "counter/*").stdout.includes("cannot be kept"));
  await until("balanced books", () => {
    const books = lifeguard.status()?.sinks.file;
    return books && balanced(books);
  });
  expect(await lifeguard.stop()).toBe(0);
  const numbers = lines(out).map((line) => JSON.parse(line).data.number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  expect(numbers.length).toBeGreaterThanOrEqual(lines(ledger).length);
});
