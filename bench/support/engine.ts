import { LiveBoard } from "../../src/core/board.ts";
import { Bus } from "../../src/core/bus.ts";
import { Intake } from "../../src/core/intake/intake.ts";
import type { IntakeSource } from "../../src/core/intake/intake-source.ts";
import { openJournal } from "../../src/core/journal/journal.ts";
import { MetricsRegistry } from "../../src/core/metrics.ts";
import { Recent } from "../../src/core/recent.ts";
import { Published } from "../../src/core/streams/published.ts";
import { systemClock } from "../../src/core/system-clock.ts";

const silent = { debug() {}, info() {}, warn() {}, error: console.error };

/** The way of an event through core, as a running lifeguard has it, on a journal in a file with `sync: full`, with the default limits. */
export type BenchEngine = Awaited<ReturnType<typeof openBenchEngine>>;

/** @param commitDelay milliseconds that every commit takes longer, as on a slow disk */
export async function openBenchEngine(path: string, commitDelay = 0) {
  const bus = new Bus({ onError: (name, error) => console.error(name, error) });
  const journal = await openJournal({
    path,
    originFile: null,
    clock: systemClock,
    log: silent,
    onCommitted: (envelopes) => bus.publish(envelopes),
    commitDelay,
    options: {
      memory: false,
      sync: "full",
      maxAge: Number.POSITIVE_INFINITY,
      maxBytes: 2 ** 40,
      maxUnreadBytes: 2 ** 40,
    },
  });
  const metrics = new MetricsRegistry();
  const recent = new Recent({ capacity: 10_000, head: journal.head });
  const board = new LiveBoard({ journal, recent, clock: systemClock });
  bus.subscribeGroups("recent", (envelopes) => recent.push(envelopes));
  bus.subscribeGroups("board", (envelopes) => board.apply(envelopes));
  const published = new Published({ journal, recent, bus });
  const intake = new Intake({
    journal,
    limits: { intakeQueue: 10_000, intakeBytes: 64 * 2 ** 20, subjects: 100_000, eventBytes: 2 ** 20 },
    clock: systemClock,
    log: silent,
    metrics: metrics.core,
  });
  const source: IntakeSource = {
    name: "promises",
    origin: journal.origin,
    labels: {},
    events: new Map([
      ["promise.checked", null],
      ["promise.failed", null],
    ]),
    signal: new AbortController().signal,
  };
  return {
    journal,
    bus,
    board,
    published,
    intake,
    source,
    async close() {
      await journal.close(AbortSignal.timeout(20_000));
      metrics.close();
    },
  };
}
