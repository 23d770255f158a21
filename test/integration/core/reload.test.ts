import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { balanced, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

function numbers(file: string): number[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line).data.number);
}

test("ten reloads under load, of the sink, of a neighbour and of an invalid file, lose nothing", async () => {
  using folder = temporaryFolder();
  const ledger = join(folder.path, "ledger");
  const out = join(folder.path, "out");
  const monitors = (maxWait: number, neighbour: string) => `
sources:
  counter: { type: ${FIXTURES}counter-source.ts, ledger: ${ledger}, size: 20, rate: 2000 }
sinks:
  file: { type: ${FIXTURES}file-sink.ts, file: ${out}, batch: { max_wait: ${maxWait}ms }, from: { types: ["counter.*"] } }
  ${neighbour}
`;
  await using lifeguard = new Lifeguard(folder.path, monitors(10, ""));
  await lifeguard.ready();
  for (let round = 1; round <= 10; round++) {
    const neighbour = round % 2 ? `console: { format: ndjson, from: { types: ["nothing.*"] } }` : "";
    lifeguard.configure(round === 5 ? "sources: [" : monitors(10 + round, neighbour));
    const reloaded = lifeguard.cli("reload");
    expect(reloaded.code, reloaded.stdout + reloaded.stderr).toBe(round === 5 ? 78 : 0);
  }
  await until("traffic after the reloads", () => numbers(out).length > 1000);
  const books = await until("the sink's books", () => lifeguard.status()?.sinks.file);
  expect(balanced(books)).toBe(true);
  expect(await lifeguard.stop()).toBe(0);
  const acknowledged = readFileSync(ledger, "utf8").split("\n").slice(0, -1).map(Number);
  const delivered = numbers(out);
  expect(delivered).toEqual(delivered.map((_, index) => index + 1));
  expect(delivered.length).toBeGreaterThanOrEqual(acknowledged.length);
});
