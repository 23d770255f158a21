import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause, setInterval } from "node:timers/promises";
import { draft } from "../support/drafts.ts";
import { type BenchEngine, openBenchEngine } from "../support/engine.ts";
import { produce } from "../support/producers.ts";
import { report } from "../support/report.ts";

/*
 * How late the main thread's timers are while every commit takes 100 ms longer, as on a bad disk, and events keep coming: at a steady rate,
 * and as many as intake takes. The baseline is the same load on the disk as it is. The best of the rounds counts: a busy machine delays
 * timers too.
 */

const COMMIT_DELAY = 100;
const ROUNDS = 2;
/** Milliseconds. */
const MEASURED = 2500;
const TICK = 10;
const EVENTS_PER_TICK = 80;

interface Delay {
  readonly p99: number;
  readonly max: number;
  readonly rate: number;
}

/** So many chunks fill the room of intake. */
const FLOOD_PRODUCERS = 40;

type Load = (engine: BenchEngine, signal: AbortSignal) => Promise<void>;

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
let opened = 0;
try {
  for (const [name, load] of [
    ["steady", steady],
    ["flood", flood],
  ] as const) {
    const plain = await delayUnder(load, 0);
    const rounds: Delay[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await delayUnder(load, COMMIT_DELAY));
    const best = rounds.toSorted((a, b) => a.p99 - b.p99)[0] as Delay;
    const prefix = `core.slow_commit.${name}`;
    report({
      name: `${prefix}.loop_delay_p99`,
      value: best.p99,
      unit: "ms",
      baseline: plain.p99,
      atMost: 20,
    });
    report({ name: `${prefix}.loop_delay_max`, value: best.max, unit: "ms", baseline: plain.max });
    report({
      name: `${prefix}.rate`,
      value: best.rate,
      unit: "events/s",
      baseline: plain.rate,
      atLeast: 5000,
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Watches the loop under a load. Returns milliseconds, and how many events a second were committed. */
async function delayUnder(load: Load, commitDelay: number): Promise<Delay> {
  const engine = await openBenchEngine(join(folder, `${opened++}.sqlite`), commitDelay);
  const { journal } = engine;
  const stop = new AbortController();
  const over = load(engine, stop.signal);
  // The first second warms up: what is compiled then is not what a slow disk delays.
  await pause(1000);
  const before = journal.head;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(MEASURED);
  delay.disable();
  const rate = ((journal.head - before) / MEASURED) * 1000;
  stop.abort();
  await over;
  await engine.close();
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, rate };
}

async function steady({ intake, source }: BenchEngine, signal: AbortSignal): Promise<void> {
  let number = 0;
  const waiting = new Set<Promise<unknown>>();
  for await (const _ of setInterval(TICK)) {
    if (signal.aborted) break;
    const drafts = Array.from({ length: EVENTS_PER_TICK }, () => draft(number++));
    const accepted = intake.accept(source, drafts).finally(() => waiting.delete(accepted));
    waiting.add(accepted);
  }
  await Promise.all(waiting);
}

async function flood(engine: BenchEngine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await produce(engine, 20_000, FLOOD_PRODUCERS);
}
