import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSource, type Event, type SelfDrivenMonitor, type SourceContext, z } from "lifeguard/plugin";
import { Harness } from "lifeguard/testkit";
import { interval, map } from "rxjs";
import { afterAll, describe, expect, test } from "vitest";

/*
 * What the sources to come need of `ctx`, each shown by a source that stands for one: thousands of pings, a stream that resumes, another
 * lifeguard, a pushed observable.
 */

const folder = mkdtempSync(join(tmpdir(), "lifeguard-needs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A source whose context a test holds in its hands. */
function held(events: readonly string[]) {
  const contexts: SourceContext[] = [];
  const definition = defineSource({
    name: "held",
    summary: "Hands its context to the test",
    config: z.object({}),
    events,
    start(_config, ctx) {
      contexts.push(ctx);
    },
  });
  return { definition, context: () => contexts.at(-1) as SourceContext };
}

describe("ten thousand monitors that their source drives", () => {
  test("beat without events, and tell each change once", async () => {
    const { definition, context } = held(["vim.reachable", "vim.unreachable"]);
    await using harness = await Harness.start({ sources: { vims: { definition } } });
    const { monitors } = context();
    const all: SelfDrivenMonitor[] = Array.from({ length: 10_000 }, (_, index) =>
      monitors.register({ id: `m${index}`, subject: `vim/${index}`, stale_after: 60_000, fail_after: 3 }),
    );
    const up = () => ({ type: "vim.reachable", state: "REACHABLE", message: "answers" });
    const down = () => ({ type: "vim.unreachable", state: "UNREACHABLE", message: "no answer" });
    const beat = () => {
      for (const monitor of all) monitor.observe("ok", up);
      return harness.board.subjects().filter(({ status }) => status === "ok").length;
    };
    await expect.poll(beat, { timeout: 20_000 }).toBe(10_000);
    expect(harness.events({ types: ["vim.reachable"] })).toHaveLength(10_000);
    expect(harness.events({ types: ["vim.*"], on: "change" })).toHaveLength(0);

    const victim = all[77] as SelfDrivenMonitor;
    victim.observe("critical", down);
    victim.observe("critical", down);
    victim.observe("critical", down);
    await expect.poll(() => harness.events({ on: "change", types: ["vim.*"] }).length).toBe(1);
    expect(harness.board.find("vim/77")[0]).toMatchObject({ status: "critical", state: "UNREACHABLE" });
    // Nine hundred and ninety-nine beats more of the same are no news.
    for (let beat = 0; beat < 999; beat++) victim.observe("critical", down);
    victim.observe("ok", up);
    await expect.poll(() => harness.events({ on: "change", types: ["vim.*"] }).length).toBe(2);
    const [failure, recovery] = harness.events({ on: "change", types: ["vim.*"] });
    expect(recovery?.episode).toBe(failure?.event.id);
  }, 40_000);
});

describe("a stream that resumes by checkpoints", () => {
  test("goes on exactly where the journal says it was, also in another process of the same data directory", async () => {
    const dataDirectory = join(folder, "resuming");
    const upstream = Array.from({ length: 100 }, (_, index) => index + 1);
    const run = async (take: number) => {
      const { definition, context } = held(["item.seen"]);
      await using harness = await Harness.start({ sources: { stream: { definition } }, dataDirectory });
      const ctx = context();
      const position = Number((await ctx.state.get("position")) ?? 0);
      for (const item of upstream.slice(position, position + take))
        await ctx.accept([
          {
            type: "item.seen",
            subject: "item/all",
            status: "ok",
            message: String(item),
            checkpoint: { position: item },
          },
        ]);
      return harness.events({ types: ["item.seen"] }).map(({ event }) => Number(event.message));
    };
    const seen = [...(await run(30)), ...(await run(45)), ...(await run(45))];
    expect(seen).toEqual(upstream);
  });
});

describe("events of another lifeguard", () => {
  test("keep id, time, origin and source, are taken once, and keep their episode's history", async () => {
    const { definition, context } = held([]);
    await using harness = await Harness.start({ sources: { relay: { definition } } });
    const foreign = (id: string, status: "ok" | "critical"): Event => ({
      id,
      time: "2026-01-01T00:00:00.000Z",
      origin: "elsewhere",
      source: "promises",
      type: "promise.failed",
      subject: "promise/far",
      status,
      state: "BAD",
      message: "far away",
      labels: {},
      measures: {},
      data: null,
    });
    const first = await context().accept([foreign("a", "critical"), foreign("b", "ok")], { foreign: true });
    const again = await context().accept([foreign("a", "critical"), foreign("c", "critical")], {
      foreign: true,
    });
    expect(first).toEqual({ accepted: 2, duplicates: 0 });
    expect(again).toEqual({ accepted: 1, duplicates: 1 });
    const events = harness.events({ sources: ["promises"] });
    expect(events.map(({ event }) => event.id)).toEqual(["a", "b", "c"]);
    expect(events[0]?.event).toMatchObject({ origin: "elsewhere", time: "2026-01-01T00:00:00.000Z" });
    expect(events.map(({ episode }) => episode)).toEqual(["a", "a", "c"]);
    expect(harness.board.find("promise/far")[0]?.origin).toBe("elsewhere");
  });
});

describe("an Observable", () => {
  const ticking = defineSource({
    name: "ticking",
    summary: "Ticks",
    config: z.object({}),
    events: { "tick.ticked": z.object({ n: z.number() }) },
    start: () =>
      interval(5).pipe(
        map((n) => ({
          type: "tick.ticked",
          subject: "tick/only",
          status: "ok" as const,
          message: `${n}`,
          data: { n },
        })),
      ),
  });

  test("that errors is restarted after a back-off, and its subjects read unknown meanwhile", async () => {
    let lives = 0;
    const failing = defineSource({
      name: "failing",
      summary: "Fails after a few ticks",
      config: z.object({}),
      events: ["tick.ticked"],
      start: () => {
        lives++;
        return interval(5).pipe(
          map((n) => {
            if (n === 5 && lives === 1) throw new Error("the stream broke");
            return { type: "tick.ticked", subject: "tick/only", status: "ok" as const, message: `${n}` };
          }),
        );
      },
    });
    await using harness = await Harness.start({ sources: { failing: { definition: failing } } });
    const row = () => harness.board.find("tick/only")[0];
    await expect.poll(() => row()?.stale).toMatch(/the stream broke/);
    expect(row()?.status).toBe("unknown");
    await expect.poll(() => lives, { timeout: 10_000 }).toBe(2);
    await expect.poll(() => row()?.status).toBe("ok");
    expect(
      harness.events({ types: ["lifeguard.component.failed"] }).map(({ event }) => event.subject),
    ).toContain("source/failing");
  });

  test("emits through the journal, with data that its schema knows", async () => {
    await using harness = await Harness.start({ sources: { ticking: { definition: ticking } } });
    await expect.poll(() => harness.events({ types: ["tick.ticked"] }).length).toBeGreaterThan(3);
    const numbers = harness
      .events({ types: ["tick.ticked"] })
      .map(({ event }) => (event.data as { n: number }).n);
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });
});

describe("descriptions and commands", () => {
  test("travel as events, are said once, and are taken back everywhere", async () => {
    const { definition, context } = held(["door.opened"]);
    await using harness = await Harness.start({ sources: { doors: { definition } } });
    const ctx = context();
    ctx.commands.handle("door/*", "open", async ({ subject }) => ({ opened: subject }));
    for (let times = 0; times < 3; times++)
      ctx.describe("door/front", { title: "The front door", commands: ["open"] });
    await ctx.accept([{ type: "door.opened", subject: "door/front", status: "ok", message: "it is open" }]);
    expect(harness.events({ types: ["subject.described"] })).toHaveLength(1);
    expect(harness.board.find("door/front")[0]?.description.title).toBe("The front door");
    await expect(harness.pipeline.engine.commands.send("door/front", "open")).resolves.toEqual({
      opened: "door/front",
    });
    await expect(harness.pipeline.engine.commands.send("door/front", "close")).rejects.toMatchObject({
      code: "COMMAND_UNKNOWN",
    });
    ctx.describe("door/front", null);
    await expect.poll(() => harness.board.find("door/front")).toEqual([]);
  });

  test("a file that a source watches tells it to look again", async () => {
    const { definition, context } = held([]);
    await using _harness = await Harness.start({ sources: { watching: { definition } } });
    const file = join(folder, "watched");
    let looks = 0;
    context()
      .watch(file)
      .subscribe(() => looks++);
    writeFileSync(file, "one");
    await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(0);
  });
});
