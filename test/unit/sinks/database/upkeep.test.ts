import { expect, test } from "vitest";
import type { SinkContext } from "../../../../src/plugin/index.ts";
import type { StoreThread } from "../../../../src/sinks/database/store-thread.ts";
import { Upkeep } from "../../../../src/sinks/database/upkeep.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { until } from "../../../support/until.ts";

test("what fails again and again is told once, until it has worked", async () => {
  let [works, watched] = [false, 0];
  const thread = {
    async call(name: string) {
      if (name === "prune") return false;
      watched++;
      if (!works) throw new Error("no answer");
      return undefined;
    },
  } as unknown as StoreThread;
  const warnings: string[] = [];
  const log = { debug() {}, warn: (message: string) => void warnings.push(message) };
  const clock = new FakeClock("2026-01-31T12:00:00.000Z");
  const upkeep = new Upkeep(thread, {
    clock,
    log,
    health: { components: () => [] },
  } as unknown as SinkContext);
  const pass = async (times: number) => {
    for (let time = 0; time < times; time++) {
      const before = watched;
      await until("the next note", async () => {
        await clock.advance(30_000);
        return watched > before;
      });
    }
  };
  upkeep.start();
  await pass(5);
  expect(warnings).toEqual(["noting that lifeguard watches fails again and again"]);
  works = true;
  await pass(1);
  works = false;
  await pass(4);
  expect(warnings).toHaveLength(2);
  await upkeep.stop();
});
