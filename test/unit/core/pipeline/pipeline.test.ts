import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSink, defineSource, LifeguardError, z } from "lifeguard/plugin";
import { Harness } from "lifeguard/testkit";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-pipeline-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A source that says once that it lives, and remembers its starts and stops. */
function living(log: string[]) {
  return defineSource({
    name: "living",
    summary: "Says that it lives",
    config: z.object({ word: z.string().default("alive"), fail: z.boolean().default(false) }),
    events: ["living.lived"],
    start({ word, fail }, ctx) {
      if (fail) throw new Error(`cannot start as ${word}`);
      log.push(`start ${word}`);
      ctx.onStop(() => void log.push(`stop ${word}`));
      return void ctx.accept([
        { type: "living.lived", subject: `living/${ctx.name}`, status: "ok", message: word },
      ]);
    },
  });
}

function collecting(log: string[]) {
  return defineSink({
    name: "collecting",
    summary: "Collects messages",
    config: z.object({ fail: z.boolean().default(false) }),
    start({ fail }, ctx) {
      if (fail) throw new Error("cannot start");
      log.push(`start ${ctx.name}`);
      return {
        async write(batch) {
          log.push(...batch.map(({ event }) => event.message));
        },
        async close() {
          log.push(`close ${ctx.name}`);
        },
      };
    },
  });
}

describe("a change of configuration", () => {
  test("restarts only what changed", async () => {
    const log: string[] = [];
    const definition = living(log);
    await using harness = await Harness.start({
      sources: { a: { definition, config: { word: "a" } }, b: { definition, config: { word: "b" } } },
    });
    await harness.apply({
      sources: { a: { definition, config: { word: "a" } }, b: { definition, config: { word: "B" } } },
    });
    expect(log).toEqual(["start a", "start b", "stop b", "start B"]);
  });

  test("brings the old one back where the new one does not start, and says so", async () => {
    const log: string[] = [];
    const definition = living(log);
    await using harness = await Harness.start({ sources: { a: { definition, config: { word: "old" } } } });
    const applied = await harness.apply({
      sources: { a: { definition, config: { word: "new", fail: true } } },
    });
    expect(applied.rolledBack).toEqual([{ kind: "source", name: "a", reason: "cannot start as new" }]);
    expect(log).toEqual(["start old", "stop old", "start old"]);
    expect(harness.pipeline.health.ready()).toBe(true);
    // What runs is the old one, so the mended configuration is a change again.
    await harness.apply({ sources: { a: { definition, config: { word: "mended" } } } });
    expect(log.slice(3)).toEqual(["stop old", "start mended"]);
  });

  test("tries again what was rolled back, though nothing is changed about it", async () => {
    const log: string[] = [];
    const broken = { word: "new" };
    const definition = living(log);
    let usable = false;
    const start: typeof definition.start = (config, ctx) => {
      if (!usable && (config as typeof broken).word === "new") throw new Error("the port is taken");
      return definition.start(config, ctx);
    };
    const sources = { a: { definition: { ...definition, start }, config: broken } };
    await using harness = await Harness.start({
      sources: { a: { definition: { ...definition, start }, config: { word: "old" } } },
    });
    expect((await harness.apply({ sources })).rolledBack).toHaveLength(1);
    usable = true;
    expect((await harness.apply({ sources })).rolledBack).toEqual([]);
    expect(log).toEqual(["start old", "stop old", "start old", "stop old", "start new"]);
  });

  test("keeps a sink's place: what comes while it changes over is delivered once, in order", async () => {
    const log: string[] = [];
    const definition = collecting(log);
    await using harness = await Harness.start({ sinks: { s: { definition } } });
    const tick = (message: string) =>
      harness.emit({ type: "test.happened", subject: "test/one", status: "ok", message });
    await tick("1");
    const applied = harness.apply({ sinks: { s: { definition, from: { types: ["test.*"] } } } });
    await tick("2");
    await applied;
    await tick("3");
    await harness.stop();
    expect(log.filter((line) => /^\d$/.test(line))).toEqual(["1", "2", "3"]);
  });

  test("brings back the old sink where the new one does not start, with its place", async () => {
    const log: string[] = [];
    const definition = collecting(log);
    await using harness = await Harness.start({ sinks: { s: { definition } } });
    const applied = harness.apply({ sinks: { s: { definition, config: { fail: true } } } });
    await harness.emit({ type: "test.happened", subject: "test/one", status: "ok", message: "meanwhile" });
    expect((await applied).rolledBack).toEqual([{ kind: "sink", name: "s", reason: "cannot start" }]);
    await expect.poll(() => log).toContain("meanwhile");
  });

  test("retires the subjects of a source that is gone, and forgets the place of a sink that is gone", async () => {
    const log: string[] = [];
    await using harness = await Harness.start({
      sources: { a: { definition: living(log) } },
      sinks: { s: { definition: collecting(log) } },
    });
    await expect.poll(() => harness.board.find("living/a")).toHaveLength(1);
    await harness.apply({});
    await expect.poll(() => harness.board.find("living/a")).toHaveLength(0);
    expect(harness.pipeline.engine.journal.cursor("s")).toBeUndefined();
    expect(harness.pipeline.health.components().map(({ id }) => id)).not.toContain("sink/s");
  });
});

describe("a start", () => {
  test("gives a new durable sink its place before any source speaks, also where the sink cannot start yet", async () => {
    const log: string[] = [];
    let down = true;
    const late = defineSink({
      name: "late",
      summary: "Starts late",
      config: z.object({}),
      start() {
        if (down) throw new Error("the far end is down");
        return {
          async write(batch) {
            log.push(...batch.map(({ event }) => event.message));
          },
          async close() {},
        };
      },
    });
    await using harness = await Harness.start({
      sources: { a: { definition: living([]), config: { word: "first word" } } },
      sinks: { late: { definition: late, from: { sources: ["a"] } } },
    });
    expect(harness.pipeline.health.components()).toContainEqual(
      expect.objectContaining({ id: "sink/late", state: "recoverable" }),
    );
    down = false;
    await expect.poll(() => log, { timeout: 10_000 }).toContain("first word");
  });

  test("goes on beside a component that is configured in a way that can never work", async () => {
    const never = defineSource({
      name: "never",
      summary: "Never works",
      config: z.object({}),
      events: ["never.happened"],
      start() {
        throw new LifeguardError("CONFIG", "no such thing");
      },
    });
    const log: string[] = [];
    await using harness = await Harness.start({
      sources: { never: { definition: never }, a: { definition: living(log) } },
    });
    expect(log).toEqual(["start alive"]);
    const health = harness.pipeline.health.components().find(({ id }) => id === "source/never");
    expect(health).toMatchObject({ state: "permanent", status: "critical", message: "no such thing" });
  });
});

describe("a stop", () => {
  test("stops sources, then flushes sinks, then closes; a second process may follow at once", async () => {
    const log: string[] = [];
    const dataDirectory = join(folder, "stop");
    const plugins = {
      sources: { a: { definition: living(log), config: { word: "last word" } } },
      sinks: { s: { definition: collecting(log), from: { sources: ["a"] } } },
      dataDirectory,
    };
    const harness = await Harness.start(plugins);
    await harness.stop();
    expect(log).toEqual(["start s", "start last word", "stop last word", "last word", "close s"]);
    await (await Harness.start(plugins)).stop();
  });

  test("keeps its deadline with a sink that never answers, and loses nothing by it", async () => {
    const dataDirectory = join(folder, "deaf");
    const log: string[] = [];
    const deaf = defineSink({
      name: "deaf",
      summary: "Never answers",
      config: z.object({}),
      start: () => ({ write: () => new Promise(() => {}), async close() {} }),
    });
    const harness = await Harness.start({
      sinks: { s: { definition: deaf } },
      dataDirectory,
      shutdownTimeout: 500,
    });
    await harness.emit({ type: "test.happened", subject: "test/one", status: "ok", message: "unheard" });
    const began = performance.now();
    await harness.stop();
    expect(performance.now() - began).toBeLessThan(3000);
    await using again = await Harness.start({ sinks: { s: { definition: collecting(log) } }, dataDirectory });
    await expect.poll(() => log).toContain("unheard");
    await again.stop();
  });
});
