import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { balanced, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const SECONDS = Number(process.env.LIFEGUARD_OUTAGE_SECONDS ?? 60);
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

function numbers(file: string): number[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line).data.number);
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

test(`a sink that is down for ${SECONDS} s at 1,000 events/s loses nothing, needs no memory and delays no neighbour`, async () => {
  using folder = temporaryFolder();
  const ledger = join(folder.path, "ledger");
  const [broken, healthy, slow] = ["broken", "healthy", "slow"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const sink = (file: string, more = "") =>
    `{ type: ${FIXTURES}file-sink.ts, file: ${file}, retry: { initial: 50ms, max: 500ms }, batch: { max_wait: 20ms }, from: { types: ["counter.*"] } ${more} }`;
  await using lifeguard = new Lifeguard(
    folder.path,
    `
sources:
  counter: { type: ${FIXTURES}counter-source.ts, ledger: ${ledger}, size: 50, rate: 1000 }
sinks:
  broken: ${sink(broken)}
  healthy: ${sink(healthy)}
  slow: ${sink(slow, ", pause: 300")}
`,
  );
  writeFileSync(`${broken}.down`, "");
  // Not ready: one sink is down from the beginning.
  lifeguard.start();
  await until("some events", () => numbers(healthy).length > 1000);
  const before = residentMegabytes(lifeguard.pid);
  await until(
    "the length of the outage",
    () => {
      const count = numbers(healthy).length;
      // The healthy neighbour keeps up with what was acknowledged all the while.
      const acknowledged = readFileSync(ledger, "utf8").split("\n").length - 1;
      expect(acknowledged - count).toBeLessThan(1500);
      return count >= SECONDS * 1000;
    },
    (SECONDS + 30) * 1000,
  );
  expect(residentMegabytes(lifeguard.pid) - before).toBeLessThan(60);
  expect(numbers(broken)).toEqual([]);
  expect(lifeguard.status()?.sinks.broken?.unread).toBeGreaterThan(SECONDS * 900);

  rmSync(`${broken}.down`);
  await until(
    "the broken sink to have caught up",
    () => {
      const books = lifeguard.status()?.sinks.broken;
      return books && books.unread < 2000;
    },
    60_000,
  );
  const sinks = lifeguard.status()?.sinks ?? {};
  for (const [name, books] of Object.entries(sinks))
    expect(balanced(books), `${name}: ${JSON.stringify(books)}`).toBe(true);
  expect(await lifeguard.stop()).toBe(0);
  for (const file of [broken, healthy, slow]) {
    const got = numbers(file);
    expect(got, file).toEqual(got.map((_, index) => index + 1));
  }
});
