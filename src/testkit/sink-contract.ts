import type { EventDraft, SinkDefinition } from "../plugin/index.ts";
import {
  activeResources,
  type Check,
  ensure,
  ensureDescribed,
  ensureNothingEscapes,
  ensureNothingLeft,
  eventually,
} from "./checks.ts";
import { Harness } from "./harness.ts";

/** What the suite needs to know of the sink under test. */
export interface SinkUnderTest {
  readonly definition: SinkDefinition;
  /** Options for a far end of its own. Called for each check. */
  config(): unknown;
  /** The subjects of the events that arrived at the far end, in order of arrival, repetitions included. Absent: it serves instead of delivering. */
  arrived?(): readonly string[];
  /** Lets the far end fail at random, and heals it when the returned function is called. */
  disturb?(): () => void;
}

/** How long everything of a sink may take to end, in milliseconds. */
const STOP_WITHIN = 1000;
const EVENTS = 500;

/** What every sink must do, as checks for any test runner. */
export function sinkContract(sink: SinkUnderTest): readonly Check[] {
  const { definition } = sink;
  const start = () => Harness.start({ sinks: { subject: { definition, config: sink.config() } } });
  const running = (harness: Harness) =>
    eventually("the sink to run", () =>
      harness.pipeline.health.components().some(({ id, state }) => id === "sink/subject" && state === "ok"),
    );
  const checks: Check[] = [
    {
      name: "describes every option",
      async run() {
        ensureDescribed(definition.config);
      },
    },
    {
      name: "stops within a second, and leaves nothing open",
      async run() {
        await (await start()).stop();
        const before = activeResources();
        const harness = await start();
        await running(harness);
        await harness.emit(...drafts(0, 10));
        const began = performance.now();
        await harness.stop();
        const took = performance.now() - began;
        ensure(took <= STOP_WITHIN + 500, `took ${Math.round(took)} ms to stop`);
        await ensureNothingLeft(before, STOP_WITHIN);
      },
    },
    {
      name: "stops at once after the start, and twice",
      async run() {
        await ensureNothingEscapes(async () => {
          const harness = await start();
          await Promise.all([harness.stop(), harness.stop()]);
        });
      },
    },
  ];
  const { arrived, disturb } = sink;
  if (arrived)
    checks.push({
      name: "delivers everything in order, and flushes at the stop",
      async run() {
        const harness = await start();
        await running(harness);
        const already = arrived.call(sink).length;
        await harness.emit(...drafts(0, EVENTS));
        await harness.stop();
        ensureComplete(arrived.call(sink).slice(already));
      },
    });
  if (arrived && disturb)
    checks.push({
      name: "loses nothing, and keeps the order, while the far end fails at random",
      async run() {
        await ensureNothingEscapes(async () => {
          const harness = await start();
          await running(harness);
          const already = arrived.call(sink).length;
          const heal = disturb.call(sink);
          for (let from = 0; from < EVENTS; from += 50) await harness.emit(...drafts(from, from + 50));
          heal();
          await eventually(
            "every event at the far end",
            () => new Set(arrived.call(sink).slice(already)).size === EVENTS,
            30_000,
          );
          const books = harness.pipeline.books().get("subject");
          await harness.stop();
          ensure(books, "a sink that delivers has books");
          const { accepted, delivered, filtered, deadLettered, dropped, unread } = books;
          ensure(
            accepted === delivered + filtered + deadLettered + dropped + unread,
            `the books do not balance: ${JSON.stringify(books)}`,
          );
          ensureComplete(arrived.call(sink).slice(already));
        });
      },
    });
  return checks;
}

function drafts(from: number, to: number): EventDraft[] {
  return Array.from({ length: to - from }, (_, index) => ({
    type: "test.happened",
    subject: subjectOf(from + index),
    status: "ok" as const,
    message: `event ${from + index}`,
  }));
}

function subjectOf(index: number): string {
  return `test/${String(index).padStart(6, "0")}`;
}

/** Every event arrived; a repetition is allowed, a new one out of order is not. */
function ensureComplete(subjects: readonly string[]): void {
  const first = [...new Set(subjects)];
  const expected = Array.from({ length: EVENTS }, (_, index) => subjectOf(index));
  ensure(
    first.length === EVENTS && first.every((subject, index) => subject === expected[index]),
    `arrived ${first.length} of ${EVENTS}, first out of order: ${first.find((subject, index) => subject !== expected[index])}`,
  );
}
