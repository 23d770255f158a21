import type { Envelope, SourceDefinition } from "../plugin/index.ts";
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

/** What the suite needs to know of the source under test. */
export interface SourceUnderTest {
  readonly definition: SourceDefinition;
  /** Options with which it observes something within a few seconds. Called for each check. */
  config(): unknown;
  /** Options with which it cannot measure: nothing to look with, no way out. Absent: it always can. */
  cannotMeasure?(): unknown;
  /** Lets the far end fail at random while a check runs, and heals it when the returned function is called. */
  disturb?(): () => void;
}

/** How long everything of a source may take to end, in milliseconds. */
const STOP_WITHIN = 1000;

/** How long a far end fails for a source that says nothing about it, in milliseconds. */
const DISTURBED = 3000;

/** What every source must do, as checks for any test runner. */
export function sourceContract(source: SourceUnderTest): readonly Check[] {
  const { definition } = source;
  const observations = (harness: Harness): readonly Envelope[] =>
    harness.events({ sources: ["subject"] }).filter(({ event }) => definition.events.has(event.type));
  const start = (config: unknown) => Harness.start({ sources: { subject: { definition, config } } });
  const checks: Check[] = [
    {
      name: "describes every option",
      async run() {
        ensureDescribed(definition.config);
      },
    },
    {
      name: "observes, and emits what it declares",
      async run() {
        await using harness = await start(source.config());
        await eventually("an event of a declared type", () => observations(harness).length > 0);
        const refused = harness.events({ types: ["lifeguard.event.refused"] });
        ensure(refused.length === 0, `intake refused its events: ${refused[0]?.event.message}`);
      },
    },
    {
      name: "stops within a second, and leaves nothing open",
      async run() {
        // The first run loads what is loaded once in a process, such as modules and thread pools.
        await (await start(source.config())).stop();
        const before = activeResources();
        const harness = await start(source.config());
        await eventually("an event", () => observations(harness).length > 0);
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
          const harness = await start(source.config());
          await Promise.all([harness.stop(), harness.stop()]);
        });
      },
    },
    {
      name: "observes again after a restart",
      async run() {
        await using harness = await start(source.config());
        await eventually("an event", () => observations(harness).length > 0);
        await harness.pipeline.engine.supervisor.restart("source/subject", "the contract asks for it");
        const before = observations(harness).length;
        await eventually("an event after the restart", () => observations(harness).length > before);
      },
    },
  ];
  if (source.cannotMeasure) {
    const config = source.cannotMeasure.bind(source);
    checks.push({
      name: "says unknown when it cannot measure",
      async run() {
        await using harness = await start(config());
        const judged = () => observations(harness).filter(({ event }) => event.status !== "ok");
        await eventually("an event with status unknown", () =>
          judged().some(({ event }) => event.status === "unknown"),
        );
        const wrong = judged().find(({ event }) => event.status !== "unknown");
        ensure(!wrong, `said ${wrong?.event.status}: ${wrong?.event.message}`);
      },
    });
  }
  if (source.disturb) {
    const disturb = source.disturb.bind(source);
    checks.push({
      name: "never throws past its boundary while the far end fails",
      async run() {
        await ensureNothingEscapes(async () => {
          await using harness = await start(source.config());
          await eventually("an event", () => observations(harness).length > 0);
          const before = observations(harness).length;
          const heal = disturb();
          // It must have met the failure before that is over. Who says nothing meanwhile has had its time.
          await eventually("an event", () => observations(harness).length > before, DISTURBED).catch(
            () => {},
          );
          heal();
          const healed = observations(harness).length;
          await eventually("an event after the disturbance", () => observations(harness).length > healed);
        });
      },
    });
  }
  return checks;
}
