import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { balanced, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const ROUNDS = Number(process.env.LIFEGUARD_KILL_ROUNDS ?? 50);
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

interface Line {
  readonly seq: number;
  readonly id: string;
  readonly data: { readonly number: number };
  readonly episode: string | null;
}

function lines(file: string): string[] {
  // A line that the kill cut short is no acknowledgement.
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

test(`every acknowledged event reaches a durable sink, in order, through ${ROUNDS} rounds of kill -9`, async () => {
  using folder = temporaryFolder();
  const ledger = join(folder.path, "ledger");
  const out = join(folder.path, "out");
  await using lifeguard = new Lifeguard(
    folder.path,
    `
sources:
  counter: { type: ${FIXTURES}counter-source.ts, ledger: ${ledger}, size: 20 }
sinks:
  file: { type: ${FIXTURES}file-sink.ts, file: ${out}, batch: { max_events: 100, max_wait: 5ms } }
`,
  );
  for (let round = 0; round < ROUNDS; round++) {
    const before = lines(ledger).length;
    lifeguard.start();
    await until("progress after a start", () => lines(ledger).length > before, 30_000);
    // At a random moment under load: chance is the point of this test, not a wait for something.
    await pause(Math.random() * 150);
    await lifeguard.crash();
  }
  lifeguard.start();
  const acknowledged = new Set(lines(ledger).map(Number));
  await until("the sink to have every acknowledged event", () => {
    const delivered = new Set(lines(out).map((line) => (JSON.parse(line) as Line).data.number));
    return acknowledged.isSubsetOf(delivered);
  });
  await until("balanced books", () => {
    const books = lifeguard.status()?.sinks.file;
    return books && balanced(books);
  });
  await lifeguard.stop();

  const delivered = lines(out).map((line) => JSON.parse(line) as Line);
  const firstSeen = new Map<number, string>();
  let newest = 0;
  for (const { seq, id } of delivered) {
    // A redelivery may repeat what was there, but never skips ahead of something new and never changes an id.
    if (firstSeen.has(seq)) expect(id).toBe(firstSeen.get(seq));
    else {
      expect(seq).toBeGreaterThan(newest);
      newest = seq;
      firstSeen.set(seq, id);
    }
  }
  // Checkpoint and events agree: every number is there once, so no restart began before or after what was journalled.
  const numbers = [...new Map(delivered.map(({ seq, data }) => [seq, data.number])).values()];
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));

  // Every hundredth number is critical and the next one ok: an episode each, of two events, also where the kill fell between them.
  const byNumber = new Map(delivered.map((line) => [line.data.number, line]));
  for (const [number, { id, episode }] of byNumber) {
    if (number % 100 === 0) expect(episode).toBe(id);
    else if (number % 100 === 1 && number > 1) expect(episode).toBe(byNumber.get(number - 1)?.id);
    else expect(episode).toBeNull();
  }
});
