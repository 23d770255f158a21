import { MonitorManager } from "../../src/core/monitors/manager.ts";
import { systemClock } from "../../src/core/system-clock.ts";
import type { Observation } from "../../src/plugin/index.ts";

/**
 * What monitors cost by themselves, without a journal: CPU seconds of this process per second, for 10,000 monitors at 1 s. The baseline is
 * as many timers of Node that do the same work.
 */
const MONITORS = 10_000;
/** Milliseconds: all first runs are over by then. */
const WARM_UP = 3000;
const MEASURED = 2000;
const GOAL = 0.1;

const silent = { debug() {}, info() {}, warn() {}, error: console.error };
const found: Observation = { status: "ok", type: "bench.ok", message: "fine" };

/** Lets the work settle, then measures it. Returns cores and how often a beat or run was seen for each second. */
async function measure(count: () => number): Promise<{ cores: number; rate: number }> {
  await systemClock.sleep(WARM_UP);
  const before = { cpu: process.cpuUsage(), at: performance.now(), count: count() };
  await systemClock.sleep(MEASURED);
  const { user, system } = process.cpuUsage(before.cpu);
  const ms = performance.now() - before.at;
  return { cores: (user + system) / 1000 / ms, rate: ((count() - before.count) / ms) * 1000 };
}

function host(signal: AbortSignal, onEvent: () => void) {
  return {
    name: "bench",
    signal,
    defaultType: "bench.ok",
    emit: onEvent,
    standing: () => ({ status: "ok" as const, state: "REACHABLE", episode: null }),
    freshness: () => ({ seen: 0 }),
    release: () => {},
    distrust: () => {},
    restart: () => {},
  };
}

async function nodeTimers() {
  let runs = 0;
  let events = 0;
  const timers = Array.from({ length: MONITORS }, (_, index) =>
    setTimeout(
      () =>
        timers.push(
          setInterval(async () => {
            runs += 1;
            const observation = await Promise.resolve(found);
            if (observation) events += 1;
          }, 1000),
        ),
      index / 10,
    ),
  );
  const measured = await measure(() => runs);
  for (const timer of timers) clearInterval(timer);
  return { ...measured, events };
}

async function driven() {
  const stop = new AbortController();
  const manager = new MonitorManager({ clock: systemClock, log: silent });
  let events = 0;
  const monitors = manager.forSource(
    host(stop.signal, () => {
      events += 1;
    }),
  );
  for (let index = 0; index < MONITORS; index++)
    monitors.register({
      id: `${index}`,
      subject: `bench/${index}`,
      schedule: { every: 1000 },
      timeout: 500,
      probe: async () => found,
    });
  const measured = await measure(() => events);
  const { lag } = manager.stats();
  stop.abort();
  return { ...measured, lag };
}

async function selfDriven() {
  const stop = new AbortController();
  const manager = new MonitorManager({ clock: systemClock, log: silent });
  const monitors = manager.forSource(host(stop.signal, () => {}));
  const registered = Array.from({ length: MONITORS }, (_, index) =>
    monitors.register({ id: `${index}`, subject: `bench/${index}`, stale_after: 3000 }),
  );
  const details = () => ({ type: "bench.ok", message: "fine" });
  let beats = 0;
  // As a worker that answers for all of them would: a slice each 10 ms.
  const worker = setInterval(() => {
    for (let slice = 0; slice < MONITORS / 100; slice++)
      registered[beats++ % MONITORS]?.observe("ok", details, "REACHABLE");
  }, 10);
  const measured = await measure(() => beats);
  clearInterval(worker);
  stop.abort();
  return measured;
}

function print(
  name: string,
  value: number,
  unit: string,
  baseline: number | null,
  goal: number,
  pass: boolean,
) {
  const rounded = (number: number) => Number(number.toPrecision(3));
  console.log(
    JSON.stringify({
      name,
      value: rounded(value),
      unit,
      baseline: baseline === null ? null : rounded(baseline),
      goal,
      pass,
    }),
  );
}

const baseline = await nodeTimers();
const core = await driven();
print(
  "monitors: 10,000 driven at 1 s, trivial probe",
  core.cores,
  "cores",
  baseline.cores,
  GOAL,
  core.cores < GOAL,
);
print(
  "monitors: runs a second of 10,000 at 1 s",
  core.rate,
  "1/s",
  baseline.rate,
  9800,
  core.rate >= 9800 && core.rate < 10_200,
);
print("monitors: worst lag of a run", core.lag, "ms", null, 500, core.lag <= 500);
const own = await selfDriven();
print("monitors: 10,000 self-driven at 1 s, no change", own.cores, "cores", null, GOAL, own.cores < GOAL);
