import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import promises from "../../../src/sources/promises/index.ts";
import { Harness } from "../../../src/testkit/index.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { script } from "../../unit/sources/promises/executable.ts";

const COUNT = 1000;

describe("a thousand promises", () => {
  it.each(["posix_spawn", "child_process"])(
    "all run within a minute, by %s, and hold up nothing",
    async (way) => {
      vi.stubEnv("LIFEGUARD_PROMISES_SPAWN", way === "child_process" ? way : undefined);
      onTestFinished(() => void vi.unstubAllEnvs());
      using folder = temporaryFolder();
      for (let index = 0; index < COUNT; index++)
        script(folder.path, `p/promise-${index}`, index % 10 ? "echo fine" : "echo broken >&2; exit 1");
      const began = performance.now();
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const harness = await Harness.start({
        sources: {
          promises: {
            definition: promises,
            config: { directory: join(folder.path, "p"), frequency: "0 0 1 1 *" },
          },
        },
        dataDirectory: join(folder.path, "data"),
      });
      onTestFinished(() => harness.stop());
      await until(
        "all have a verdict",
        () => harness.board.subjects().filter(({ event }) => event !== null).length === COUNT,
        60_000,
      );
      delay.disable();
      expect(performance.now() - began).toBeLessThan(60_000);
      const bad = harness.board.subjects().filter(({ status }) => status === "critical");
      expect(bad).toHaveLength(COUNT / 10);
      console.log(
        `${way}: ${COUNT} runs in ${Math.round(performance.now() - began)} ms, loop delay p99 ${Math.round(delay.percentile(99) / 1e6)} ms`,
      );
      await harness.stop();
    },
  );

  it("on * * * * * all run within each minute", async () => {
    using folder = temporaryFolder();
    for (let index = 0; index < COUNT; index++) script(folder.path, `p/promise-${index}`, "echo fine");
    const harness = await Harness.start({
      sources: {
        promises: {
          definition: promises,
          config: { directory: join(folder.path, "p"), frequency: "* * * * *" },
        },
      },
      dataDirectory: join(folder.path, "data"),
    });
    onTestFinished(() => harness.stop());
    const times = () => harness.board.subjects().map(({ event }) => Date.parse(event?.time ?? ""));
    await until("all have a first verdict", () => times().every((time) => time > 0), 60_000);
    const minute = Math.floor(Date.now() / 60_000) * 60_000 + 60_000;
    await until("all have run again", () => times().every((time) => time >= minute), 130_000);
    expect(times()).toHaveLength(COUNT);
    expect(Math.max(...times())).toBeLessThan(minute + 60_000);
  });
});
