import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND, World } from "./world.ts";

describe("what stands already when a sink begins", () => {
  test("is told by one that is new, once, with its recovery", async () => {
    const world = new World();
    world.emit("promise/a", "critical", "full");
    world.emit("promise/b", "ok");
    world.emit("promise/c", "unknown");
    world.pass();
    await world.start();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down"]);
    expect(world.told[0]?.telling.items[0]).toMatchObject({
      message: "full",
      since: "2026-01-31T10:00:00.000Z",
    });
    await world.restart();
    await world.event("promise/a", "ok");
    await world.restart();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("also where it was not trusted yet, and where events that are no verdict come all the while", async () => {
    const world = new World({}, { from: { on: "change" } });
    world.emit("promise/a", "critical");
    world.pass();
    const trust = world.distrust("promise/a");
    await world.start();
    for (let second = 0; second < 30; second++) {
      await world.event("promise/other", "ok");
      await world.clock.advance(SECOND);
    }
    expect(world.news).toEqual([]);
    trust();
    world.emit("promise/a", "critical", "still full");
    for (let second = 0; second < 30; second++) {
      await world.event("promise/other", second % 2 === 0 ? "ok" : "warning");
      await world.clock.advance(SECOND);
    }
    expect(world.news.filter((one) => one.startsWith("promise/a"))).toEqual(["promise/a down"]);
  });

  test("is told as its `after` and its `from` say", async () => {
    const world = new World(
      { after: 10 * MINUTE },
      { from: { status: ["critical"], subjects: ["promise/*"] } },
    );
    for (const subject of ["promise/a", "vim/a"]) world.emit(subject, "critical");
    world.emit("promise/b", "warning");
    world.pass();
    await world.clock.advance(4 * MINUTE);
    await world.start();
    await world.clock.advance(5 * MINUTE);
    expect(world.news).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down"]);
  });

  test("is told by one whose `from` has become wider", async () => {
    const world = await new World({}, { from: { subjects: ["promise/a"] } }).start();
    await world.event("promise/a", "critical");
    await world.event("promise/b", "critical");
    world.from = {};
    await world.restart();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/b down"]);
  });
});

describe("what `from` leaves out since", () => {
  test("is not told, nor reminded of; its recovery is told if it was", async () => {
    const world = await new World({ repeat: HOUR, after: MINUTE }).start();
    await world.event("promise/a", "critical");
    await world.clock.advance(MINUTE);
    await world.event("promise/b", "critical");
    await world.event("promise/c", "critical");
    world.from = { subjects: ["vim/*"] };
    await world.restart();
    await world.clock.advance(10 * HOUR);
    expect(world.news).toEqual(["promise/a down"]);
    for (const subject of ["promise/a", "promise/b"]) world.emit(subject, "ok");
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });
});

describe("a target that keeps something open for each episode", () => {
  test("is told that a subject is not watched any more, if it was told of its episode", async () => {
    const world = await new World({ after: MINUTE }, { closes: true }).start();
    await world.event("promise/a", "critical");
    await world.clock.advance(MINUTE);
    await world.event("promise/b", "critical");
    for (const subject of ["promise/a", "promise/b"]) world.retire(subject);
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["promise/a down", "promise/a retired"]);
    expect(world.told[1]?.telling.title).toBe("[lifeguard] NOT WATCHED a");
  });
});

describe("reminders", () => {
  test("do not pile up while the target is down", async () => {
    const world = await new World({ repeat: MINUTE, capacity: 30 }).start();
    world.answer = () => ({ kind: "failed", reason: "connection refused" });
    for (let number = 0; number < 20; number++) await world.event(`promise/${number}`, "critical");
    await world.clock.advance(HOUR);
    expect(world.counted.get("notify_owed_changes")).toBe(20);
    await world.event("promise/new", "critical");
    await world.event("promise/new", "ok");
    world.answer = () => ({ kind: "told" });
    await world.clock.advance(2 * MINUTE);
    expect(world.news).toContain("promise/new recovered");
    expect(world.counted.get("notify_lost_total full")).toBe(0);
  });
});

test("a message that is owed is told in single ones where the target takes one change a message since", async () => {
  const world = await new World({ groupWait: SECOND }).start();
  world.answer = () => ({ kind: "failed", reason: "connection refused" });
  for (let number = 0; number < 5; number++) await world.event(`promise/${number}`, "critical");
  await world.clock.advance(MINUTE);
  world.single = true;
  world.answer = () => ({ kind: "told" });
  await world.restart();
  await world.clock.advance(10 * MINUTE);
  expect(world.told.map(({ news }) => news)).toEqual(
    Array.from({ length: 5 }, (_, number) => [`promise/${number} down`]),
  );
});
