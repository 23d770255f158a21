import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filter, tap } from "rxjs";
import { compileFilter, type Filter } from "../../src/plugin/index.ts";
import { insertBare } from "../support/bare-sqlite.ts";
import { best, type Cost, costOf } from "../support/cost.ts";
import { openBenchEngine } from "../support/engine.ts";
import { produce } from "../support/producers.ts";
import { report } from "../support/report.ts";

/*
 * Events accepted durably (`sync: full`, a real disk below the system's folder for temporary files) by the real intake, journal thread, bus,
 * ring and board, for several sources that wait for each chunk, and seen by four subscribers with filters. Beside it, in the same run, a bare
 * node:sqlite loop over the same envelopes. The best of the rounds counts, for both sides.
 */

const EVENTS = 100_000;
const WARM_UP = 30_000;
const ROUNDS = 4;
const PRODUCERS = 8;
/** As many as the ring holds: keeping more of them would make work for the garbage collector that a lifeguard does not have. */
const KEPT = 10_000;

const FILTERS: Filter[] = [
  { types: ["promise.*"], status: ["critical", "warning"] },
  { subjects: ["promise/check-1*"] },
  { sources: ["promises"], types: ["promise.checked"] },
  { on: "change" },
];

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
try {
  const engine = await openBenchEngine(join(folder, "journal.sqlite"));
  const seen = FILTERS.map((wanted, index) => {
    const counter = { events: 0 };
    engine.bus.observe(`bench ${index}`, (events$) =>
      events$.pipe(
        filter(compileFilter(wanted)),
        tap(() => counter.events++),
      ),
    );
    return counter;
  });
  await produce(engine, WARM_UP, PRODUCERS);
  const costs: { journal: Cost; bare: Cost }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const journal = await costOf(() => produce(engine, EVENTS, PRODUCERS));
    const envelopes = engine.published.read(engine.published.head - KEPT, KEPT, Number.POSITIVE_INFINITY);
    const bare = await costOf(() => insertBare(join(folder, `bare-${round}`), envelopes, EVENTS));
    costs.push({ journal, bare });
  }
  if (seen.some(({ events }) => events === 0)) throw new Error("a subscriber saw nothing");
  const journal = best(costs.map((cost) => cost.journal));
  const bare = best(costs.map((cost) => cost.bare));
  const rate = EVENTS / journal.wall;
  const bareRate = EVENTS / bare.wall;
  report({ name: "core.accept.rate_ratio", value: rate / bareRate, unit: "1", baseline: 1, atLeast: 0.4 });
  report({ name: "core.accept.rate", value: rate, unit: "events/s", baseline: bareRate });
  report({
    name: "core.accept.cpu_per_100k",
    value: journal.cpu,
    unit: "s",
    baseline: bare.cpu,
    atMost: 0.6,
  });
  await engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
