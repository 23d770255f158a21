import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../../src/sinks/notify/target.ts";
import { HOUR, MINUTE, SECOND, World } from "./world.ts";

describe("one DOWN and one RECOVERED for each episode", () => {
  test("both are told, once", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "critical", "3 % free");
    await world.event("promise/disk", "critical", "2 % free");
    await world.event("promise/disk", "ok", "50 % free");
    await world.event("promise/disk", "ok", "51 % free");
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
    const [down, recovered] = world.told.map(({ telling }) => telling.items[0]);
    expect(down).toMatchObject({ message: "3 % free", status: "critical", word: "DOWN", ended: null });
    expect(recovered).toMatchObject({
      message: "50 % free",
      status: "ok",
      word: "RECOVERED",
      episode: down?.episode,
    });
  });

  test("an episode of warnings is told as what it is", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "warning", "10 % free");
    await world.event("promise/disk", "ok");
    expect(world.told.map(({ telling }) => telling.items[0]?.word)).toEqual(["WARNING", "RECOVERED"]);
  });

  test("a warning that becomes critical is told as worse, once an episode; what gets better is not", async () => {
    const world = await new World().start();
    for (const status of ["warning", "critical", "warning", "critical", "ok"] as const)
      await world.event("promise/disk", status);
    expect(world.news).toEqual(["promise/disk down", "promise/disk worse", "promise/disk recovered"]);
  });

  test("unknown neither opens nor closes", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "unknown");
    expect(world.news).toEqual([]);
    await world.event("promise/disk", "critical");
    await world.event("promise/disk", "unknown");
    await world.event("promise/disk", "critical");
    await world.event("promise/disk", "unknown");
    await world.event("promise/disk", "ok");
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
  });

  test("housekeeping and a first ok tell nobody anything", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "ok");
    await world.event("promise/disk", "critical", "", { type: "promise.registered" });
    expect(world.news).toEqual([]);
  });

  test("the same subject of two sources are two things", async () => {
    const world = await new World().start();
    world.emit("promise/disk", "critical");
    await world.deliver();
    await world.event("promise/disk", "critical", "", { source: "other" });
    expect(world.news).toEqual(["promise/disk down", "promise/disk down"]);
  });

  test("a subject that is retired ends its episode without a word, and takes along what was owed", async () => {
    const world = await new World({ groupWait: 30 * SECOND }).start();
    await world.event("promise/disk", "critical");
    world.retire("promise/disk");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect([...world.saved.keys()]).toEqual(["seq"]);
  });

  test("also what a message on its way would have told, while the far end is down", async () => {
    const world = await new World().start();
    world.answer = () => ({ kind: "failed", reason: "connection refused" });
    world.emit("promise/disk", "critical");
    world.emit("promise/memory", "critical");
    await world.deliver();
    world.retire("promise/disk");
    await world.clock.advance(MINUTE);
    world.answer = () => ({ kind: "told" });
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["promise/memory down"]);
  });

  test("also while the message is being told, which then is not told again", async () => {
    const world = await new World().start();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Outcome>();
    world.answer = () => {
      asked.resolve();
      return answer.promise;
    };
    await world.event("promise/disk", "critical");
    await asked.promise;
    world.retire("promise/disk");
    await world.clock.advance(MINUTE);
    world.answer = () => ({ kind: "told" });
    answer.resolve({ kind: "failed", reason: "452", left: ["ops@example.org"] });
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect([...world.saved.keys()]).toEqual(["seq"]);
  });

  test("an episode that began anew after a retirement is another one", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "critical");
    world.retire("promise/disk");
    await world.event("promise/disk", "critical");
    await world.event("promise/disk", "ok");
    expect(world.news).toEqual(["promise/disk down", "promise/disk down", "promise/disk recovered"]);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(3);
  });
});

describe("a subscription that leaves recoveries out", () => {
  test("still tells that what was told is over", async () => {
    const world = await new World({}, { from: { status: ["critical"] } }).start();
    await world.event("promise/disk", "critical", "full");
    await world.event("promise/disk", "ok", "50 % free");
    expect(world.news).toEqual(["promise/disk down"]);
    await world.clock.advance(30 * SECOND);
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
    expect(world.told[1]?.telling.items[0]?.message).toBe("50 % free");
  });

  test("tells the end of one episode when the next one begins", async () => {
    const world = await new World({}, { from: { status: ["critical"] } }).start();
    await world.event("promise/disk", "critical");
    await world.event("promise/disk", "ok");
    await world.event("promise/disk", "critical");
    // The last two make one message, which tells them as they happened.
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered", "promise/disk down"]);
    const episodes = world.told.flatMap(({ telling }) => telling.items.map(({ episode }) => episode));
    expect(episodes[1]).toBe(episodes[0]);
  });
});

describe("after", () => {
  test("delays DOWN, and an episode that ends before is never told", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.event("promise/disk", "critical");
    await world.clock.advance(119 * SECOND);
    await world.event("promise/disk", "ok");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    await world.event("promise/disk", "critical");
    await world.clock.advance(2 * MINUTE);
    expect(world.news).toEqual(["promise/disk down"]);
    await world.event("promise/disk", "ok");
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
  });

  test("a flapping subject, always short, tells nobody anything", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    for (let round = 0; round < 50; round++) {
      await world.event("promise/disk", "critical");
      await world.clock.advance(MINUTE);
      await world.event("promise/disk", "ok");
      await world.clock.advance(10 * SECOND);
    }
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect(world.saved.size).toBe(1);
    expect(world.counted.get("notify_untold_total brief")).toBe(50);
  });

  test("DOWN says what was seen last, not first", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.event("promise/disk", "warning", "10 % free");
    await world.event("promise/disk", "critical", "3 % free");
    await world.event("promise/disk", "critical", "2 % free");
    await world.clock.advance(2 * MINUTE);
    expect(world.news).toEqual(["promise/disk down"]);
    expect(world.told[0]?.telling.items[0]).toMatchObject({ message: "2 % free", status: "critical" });
  });

  test("goes on over a restart", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.event("promise/disk", "critical");
    await world.clock.advance(MINUTE);
    await world.restart();
    await world.clock.advance(59 * SECOND);
    expect(world.news).toEqual([]);
    await world.clock.advance(SECOND);
    expect(world.news).toEqual(["promise/disk down"]);
  });

  test("a start after a long stop judges the past by its own times: short ones are not told, long ones are, with their end", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.stop();
    world.emit("promise/short", "critical");
    world.emit("promise/long", "critical");
    world.emit("promise/standing", "critical");
    await world.clock.advance(MINUTE);
    world.emit("promise/short", "ok");
    await world.clock.advance(MINUTE);
    world.emit("promise/long", "ok");
    await world.clock.advance(HOUR);
    await world.restart();
    await world.clock.advance(0);
    expect(world.news.toSorted()).toEqual([
      "promise/long down",
      "promise/long recovered",
      "promise/standing down",
    ]);
  });

  test("while the sink has not caught up, nothing is told that the board knows to be over", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.event("promise/disk", "critical");
    await world.clock.advance(MINUTE);
    world.emit("promise/disk", "ok");
    await world.clock.advance(61 * SECOND);
    expect(world.news).toEqual([]);
    await world.deliver();
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
  });

  test("a clock that is set back an hour delays nothing by more than itself", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    await world.event("promise/disk", "critical");
    world.clock.setWall(world.clock.now() - HOUR);
    await world.clock.advance(4 * MINUTE);
    expect(world.news).toEqual(["promise/disk down"]);
    world.clock.setWall(world.clock.now() - HOUR);
    await world.event("promise/disk", "ok");
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
  });
});

describe("repeat", () => {
  test("reminds while it lasts, with the latest words, and over restarts", async () => {
    const world = await new World({ repeat: 4 * HOUR }).start();
    await world.event("promise/disk", "critical", "3 % free");
    await world.clock.advance(3 * HOUR);
    await world.event("promise/disk", "critical", "1 % free");
    await world.restart();
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["promise/disk down", "promise/disk reminder"]);
    expect(world.told[1]?.telling.items[0]).toMatchObject({ message: "1 % free", word: "STILL DOWN" });
    await world.clock.advance(4 * HOUR);
    expect(world.news).toHaveLength(3);
    await world.event("promise/disk", "ok");
    await world.clock.advance(24 * HOUR);
    expect(world.news).toEqual([
      "promise/disk down",
      "promise/disk reminder",
      "promise/disk reminder",
      "promise/disk recovered",
    ]);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(4);
  });

  test("without it nobody is reminded", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "critical");
    await world.clock.advance(48 * HOUR);
    expect(world.news).toEqual(["promise/disk down"]);
  });
});
