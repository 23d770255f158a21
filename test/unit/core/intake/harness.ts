import { Bus } from "../../../../src/core/bus.ts";
import { Intake } from "../../../../src/core/intake/intake.ts";
import type { IntakeSource } from "../../../../src/core/intake/intake-source.ts";
import type { Envelope, EventDraft, MetricLabels, Metrics } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { MemoryJournal } from "./memory-journal.ts";

/** Counters by `name{label values}`, and nothing else. */
class CountingMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  counter({ name }: { name: string }) {
    return {
      add: (amount = 1, labels: MetricLabels = {}) => {
        const key = `${name} ${Object.values(labels).join(" ")}`;
        this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
      },
    };
  }

  gauge() {
    return { set() {} };
  }

  histogram() {
    return { observe() {} };
  }
}

const LIMITS = { intakeQueue: 1000, intakeBytes: 2 ** 24, subjects: 1000, eventBytes: 65_536 };

/** An intake over a journal in memory, and everything that comes out of it. */
export function intakeHarness({
  limits = {},
  journal = new MemoryJournal(),
}: {
  limits?: Partial<typeof LIMITS>;
  journal?: MemoryJournal;
} = {}) {
  const clock = new FakeClock("2026-01-01T00:00:00.000Z");
  const published: Envelope[] = [];
  const warnings: string[] = [];
  const bus = new Bus({
    onError: (_name, error) => {
      throw error;
    },
  });
  journal.onCommitted = (envelopes) => bus.publish(envelopes);
  bus.subscribe("test", (envelope) => published.push(envelope));
  const metrics = new CountingMetrics();
  const warn = (message: string) => warnings.push(message);
  const log = { debug() {}, info() {}, warn, error: warn };
  const intake = new Intake({ journal, limits: { ...LIMITS, ...limits }, clock, log, metrics });
  const drain = () => intake.drain(AbortSignal.timeout(5000));
  return { intake, journal, bus, clock, published, warnings, metrics: metrics.counts, drain };
}

/** A source that may emit what tests emit. */
export function sourceOf(rest: Partial<IntakeSource> = {}): IntakeSource {
  return {
    name: "promises",
    origin: "origin-a",
    labels: {},
    events: new Map([
      ["promise.checked", null],
      ["promise.measured", null],
    ]),
    signal: new AbortController().signal,
    ...rest,
  };
}

/** A draft that keeps the contract, but for what is said. */
export function draft(rest: Partial<EventDraft> = {}): EventDraft {
  return { type: "promise.checked", subject: "promise/a", status: "ok", message: "fine", ...rest };
}
