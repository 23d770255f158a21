import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { draft } from "../support/drafts.ts";
import { type BenchEngine, openBenchEngine } from "../support/engine.ts";
import { report } from "../support/report.ts";

/*
 * How late the main thread's timers are while every commit takes 100 ms longer, as on a bad disk, and events keep coming. The baseline is the
 * same load on the disk as it is. The best of the rounds counts: a busy machine delays timers too.
 */

const COMMIT_DELAY = 100;
const ROUNDS = 3;
/** Milliseconds. */
const MEASURED = 4000;
const TICK = 10;
const EVENTS_PER_TICK = 80;

interface Delay {
  readonly p99: number;
  readonly max: number;
  readonly rate: number;
}

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
try {
  const plain = await delayUnderLoad(await openBenchEngine(join(folder, "plain.sqlite")));
  const rounds: Delay[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push(
      await delayUnderLoad(await openBenchEngine(join(folder, `slow-${round}.sqlite`), COMMIT_DELAY)),
    );
  const best = rounds.toSorted((a, b) => a.p99 - b.p99)[0] as Delay;
  report({
    name: "core.slow_commit.loop_delay_p99",
    value: best.p99,
    unit: "ms",
    baseline: plain.p99,
    atMost: 20,
  });
  report({ name: "core.slow_commit.loop_delay_max", value: best.max, unit: "ms", baseline: plain.max });
  report({
    name: "core.slow_commit.rate",
    value: best.rate,
    unit: "events/s",
    baseline: plain.rate,
    atLeast: 5000,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Emits events at a steady rate and watches the loop. Returns milliseconds, and how many events a second were committed. */
async function delayUnderLoad(engine: BenchEngine): Promise<Delay> {
  const { intake, source, journal } = engine;
  let number = 0;
  const waiting = new Set<Promise<unknown>>();
  const emitter = setInterval(() => {
    const drafts = Array.from({ length: EVENTS_PER_TICK }, () => draft(number++));
    const accepted = intake.accept(source, drafts).finally(() => waiting.delete(accepted));
    waiting.add(accepted);
  }, TICK);
  // The first second warms up: what is compiled then is not what a slow disk delays.
  await pause(1000);
  const before = journal.head;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(MEASURED);
  delay.disable();
  const rate = ((journal.head - before) / MEASURED) * 1000;
  clearInterval(emitter);
  await Promise.all(waiting);
  await engine.close();
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, rate };
}
