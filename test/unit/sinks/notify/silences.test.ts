import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, World } from "./world.ts";

describe("while something is silenced nothing is told about it", () => {
  test("an episode wholly within a silence is never told", async () => {
    const world = await new World().start();
    const end = world.silence("promise/*");
    await world.event("promise/disk", "critical");
    await world.clock.advance(MINUTE);
    await world.event("promise/disk", "ok");
    end();
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect(world.counted.get("notify_untold_total silenced")).toBe(1);
  });

  test("a DOWN that still stands when the silence ends is told then", async () => {
    const world = await new World().start();
    const end = world.silence("promise/*");
    await world.event("promise/disk", "critical");
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual([]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down"]);
    await world.event("promise/disk", "ok");
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
  });

  test("also where lifeguard was started anew meanwhile", async () => {
    const world = await new World().start();
    const end = world.silence("promise/*");
    await world.event("promise/disk", "critical");
    await world.restart();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual([]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down"]);
  });

  test("an episode that was told before, and recovers within, is told RECOVERED when the silence ends", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "critical");
    const end = world.silence("promise/*");
    await world.event("promise/disk", "ok");
    await world.clock.advance(HOUR);
    await world.restart();
    expect(world.news).toEqual(["promise/disk down"]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down", "promise/disk recovered"]);
  });

  test("told before, recovered and down again within: both are told at its end", async () => {
    const world = await new World().start();
    await world.event("promise/disk", "critical");
    const end = world.silence("promise/*");
    await world.event("promise/disk", "ok");
    await world.event("promise/disk", "critical");
    await world.event("promise/disk", "ok");
    await world.event("promise/disk", "critical");
    end();
    await world.clock.advance(0);
    expect(world.news.toSorted()).toEqual([
      "promise/disk down",
      "promise/disk down",
      "promise/disk recovered",
    ]);
  });

  test("getting worse within is told at its end; reminders are not made up for", async () => {
    const world = await new World({ repeat: HOUR }).start();
    await world.event("promise/disk", "warning");
    const end = world.silence("promise/*");
    await world.event("promise/disk", "critical");
    await world.clock.advance(10 * HOUR);
    expect(world.news).toEqual(["promise/disk down"]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down", "promise/disk worse"]);
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["promise/disk down", "promise/disk worse", "promise/disk reminder"]);
  });

  test("a change that still waits for others when a silence begins waits for its end too", async () => {
    const world = await new World({ groupWait: MINUTE }).start();
    await world.event("promise/disk", "critical");
    const end = world.silence("promise/*");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down"]);
  });

  test("what could not be told yet when a silence begins waits for its end; what is with it in the message does not", async () => {
    const world = await new World().start();
    world.answer = () => ({ kind: "failed", reason: "connection refused" });
    world.emit("promise/disk", "critical");
    world.emit("vim/edge", "critical");
    await world.deliver();
    const end = world.silence("promise/*");
    world.answer = () => ({ kind: "told" });
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["vim/edge down"]);
    await world.restart();
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["vim/edge down", "promise/disk down"]);
  });

  test("what waits for others when a silence begins, and recovers within, is never told", async () => {
    const world = await new World({ groupWait: MINUTE }).start();
    await world.event("promise/disk", "critical");
    const end = world.silence("promise/*");
    await world.event("promise/disk", "ok");
    await world.clock.advance(HOUR);
    end();
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect(world.counted.get("notify_owed_changes")).toBe(0);
    expect(world.counted.get("notify_untold_total silenced")).toBe(1);
  });

  test("a silence that begins while a message is saved before it leaves holds it back", async () => {
    const world = await new World().start();
    world.answer = () => ({ kind: "failed", reason: "connection refused" });
    await world.event("promise/disk", "critical");
    await world.stop();
    world.answer = () => ({ kind: "told" });
    await world.start();
    const end = world.silence("promise/*");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["promise/disk down"]);
  });

  test("`after` counts within the silence", async () => {
    const world = await new World({ after: 2 * MINUTE }).start();
    const end = world.silence("promise/*");
    await world.event("promise/disk", "critical");
    await world.clock.advance(MINUTE);
    end();
    await world.clock.advance(MINUTE - 1);
    expect(world.news).toEqual([]);
    await world.clock.advance(1);
    expect(world.news).toEqual(["promise/disk down"]);
  });

  test("what is not silenced is told all the while", async () => {
    const world = await new World().start();
    world.silence("vim/*");
    await world.event("vim/edge", "critical");
    await world.event("promise/disk", "critical");
    expect(world.news).toEqual(["promise/disk down"]);
  });
});
