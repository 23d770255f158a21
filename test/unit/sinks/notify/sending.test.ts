import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../../src/sinks/notify/target.ts";
import { HOUR, MINUTE, SECOND, World } from "./world.ts";

const DOWN: Outcome = { kind: "failed", reason: "connection refused" };
const TOLD: Outcome = { kind: "told" };
const REFUSED: Outcome = { kind: "refused", reason: "answered 400: invalid_blocks" };

describe("grouping", () => {
  test("many changes within group_wait make one message, which lists some and sums up the rest", async () => {
    const world = await new World({ groupWait: 5 * SECOND, listed: 3 }).start();
    await world.event("promise/gone", "critical");
    await world.clock.advance(10 * SECOND);
    for (let number = 0; number < 400; number++) world.emit(`promise/${number}`, "critical");
    world.emit("promise/gone", "ok");
    for (let number = 0; number < 50; number++) world.emit(`vim/${number}`, "warning");
    await world.deliver();
    await world.clock.advance(5 * SECOND);
    expect(world.told).toHaveLength(2);
    const telling = world.told[1]?.telling;
    expect(telling).toMatchObject({
      kind: "several",
      count: 451,
      status: "critical",
      title: "[lifeguard] 400 DOWN (0, 1, 2, …), 50 WARNING (vim/0, vim/1, vim/2, …), 1 RECOVERED (gone)",
      notes: ["and 448 more: 397 DOWN, 50 WARNING, 1 RECOVERED"],
    });
    expect(telling?.listed).toHaveLength(3);
    expect(telling?.items).toHaveLength(451);
    expect(telling?.text).toContain("and 448 more");
    expect(world.counted.get("notify_changes_total down")).toBe(451);
  });

  test("a change waits for others only so long, counted from the first", async () => {
    const world = await new World({ groupWait: 5 * SECOND }).start();
    for (let number = 0; number < 4; number++) {
      await world.event(`promise/${number}`, "critical");
      await world.clock.advance(2 * SECOND);
    }
    expect(world.told.map(({ news }) => news.length)).toEqual([3]);
    await world.clock.advance(5 * SECOND);
    expect(world.told.map(({ news }) => news.length)).toEqual([3, 1]);
  });

  test("a target that takes one change a message gets each, in order, and the end of an episode after its beginning", async () => {
    const world = await new World({ groupWait: SECOND }, { single: true }).start();
    await world.event("promise/a", "critical");
    await world.event("promise/b", "critical");
    await world.event("promise/a", "ok");
    await world.clock.advance(SECOND);
    expect(world.told.map(({ news }) => news)).toEqual([
      ["promise/a down"],
      ["promise/b down"],
      ["promise/a recovered"],
    ]);
  });
});

describe("a far end that is down for an hour", () => {
  test("gets everything once when it is back, and delays no event's acknowledgement", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    world.answer = () => DOWN;
    for (let minute = 0; minute < 60; minute++) {
      await world.event(`promise/${minute}`, "critical");
      await world.clock.advance(30 * SECOND);
      if (minute % 2 === 0) await world.event(`promise/${minute}`, "ok");
      if (minute % 10 === 5) await world.restart();
      await world.clock.advance(30 * SECOND);
    }
    expect(world.told).toEqual([]);
    expect(world.counted.get("notify_owed_changes")).toBe(90);
    expect(world.troubles.at(-1)).toContain("connection refused");
    world.answer = () => TOLD;
    await world.clock.advance(10 * MINUTE);
    const expected = Array.from({ length: 60 }, (_, minute) => [
      `promise/${minute} down`,
      ...(minute % 2 === 0 ? [`promise/${minute} recovered`] : []),
    ]).flat();
    const counted = world.told.reduce((sum, { telling }) => sum + telling.count, 0);
    expect(counted).toBe(90);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(world.told.length);
    expect(world.told.length).toBeLessThan(10);
    const listed = world.told.flatMap(({ news }) => news);
    expect(listed.every((one) => expected.includes(one))).toBe(true);
    expect(new Set(listed).size).toBe(listed.length);
    expect(world.troubles.at(-1)).toBeNull();
    expect(world.counted.get("notify_owed_changes")).toBe(0);
  });

  test("is tried ever more rarely, and keeps the message's id over restarts", async () => {
    const world = await new World().start();
    const tries: { at: number; id: string }[] = [];
    world.answer = ({ id }) => {
      tries.push({ at: world.clock.now(), id });
      return DOWN;
    };
    await world.event("promise/a", "critical");
    await world.clock.advance(HOUR);
    expect(tries.length).toBeGreaterThan(20);
    expect(tries.length).toBeLessThan(80);
    await world.restart();
    await world.clock.advance(MINUTE);
    expect(new Set(tries.map(({ id }) => id)).size).toBe(1);
  });

  test("is left alone as long as it asks for", async () => {
    const world = await new World().start();
    let tries = 0;
    world.answer = () => {
      tries++;
      return { kind: "failed", reason: "answered 429", retryAfter: 20 * MINUTE };
    };
    await world.event("promise/a", "critical");
    await world.clock.advance(19 * MINUTE);
    expect(tries).toBe(1);
    await world.clock.advance(MINUTE);
    expect(tries).toBe(2);
  });

  test("one failure alone is not shown as a trouble", async () => {
    const world = await new World().start();
    const answers = [DOWN, TOLD];
    world.answer = () => answers.shift() ?? TOLD;
    await world.event("promise/a", "critical");
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down"]);
    expect(world.troubles.filter((trouble) => trouble !== null)).toEqual([]);
  });
});

describe("what cannot be told is not tried for ever", () => {
  test("a refused message is given up at once: logged, counted, shown, and said in the next one", async () => {
    const world = await new World().start();
    world.answer = () => REFUSED;
    await world.event("promise/a", "critical");
    await world.event("promise/a", "ok");
    await world.clock.advance(HOUR);
    expect(world.counted.get("notify_failures_total")).toBe(1);
    expect(world.counted.get("notify_lost_total refused")).toBe(1);
    expect(world.troubles).toEqual([expect.stringContaining("invalid_blocks")]);
    expect(world.logged).toEqual([expect.stringContaining("given up")]);
    world.answer = () => TOLD;
    await world.restart();
    await world.event("promise/b", "critical");
    expect(world.news).toEqual(["promise/b down"]);
    expect(world.told[0]?.telling.notes).toEqual([
      "1 earlier change was never told: see the log of lifeguard",
    ]);
    await world.event("promise/b", "ok");
    expect(world.told[1]?.telling.notes).toEqual([]);
  });

  test("nobody is told that something recovered which nobody heard was down, however much later", async () => {
    const world = await new World().start();
    world.answer = () => REFUSED;
    await world.event("promise/a", "critical");
    world.answer = () => TOLD;
    await world.clock.advance(HOUR);
    await world.event("promise/a", "ok");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual([]);
    expect(world.counted.get("notify_owed_changes")).toBe(0);
    expect([...world.saved.keys()].sort()).toEqual(["lost", "seq"]);
    await world.event("promise/a", "critical");
    await world.event("promise/a", "ok");
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("a DOWN that was refused is told after the next start, when somebody may have corrected what was wrong with it", async () => {
    const world = await new World().start();
    world.answer = () => REFUSED;
    await world.event("promise/a", "critical");
    await world.restart();
    await world.clock.advance(HOUR);
    expect(world.counted.get("notify_failures_total")).toBe(2);
    world.answer = () => TOLD;
    await world.restart();
    await world.event("promise/a", "ok");
    await world.restart();
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("one change that nobody takes does not cost the others in its message", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    world.answer = ({ items }) => (items.some(({ subject }) => subject === "promise/7") ? REFUSED : TOLD);
    for (let number = 0; number < 30; number++) world.emit(`promise/${number}`, "critical");
    await world.deliver();
    await world.clock.advance(SECOND);
    expect(world.news).toHaveLength(29);
    expect(world.news).not.toContain("promise/7 down");
    expect(world.counted.get("notify_lost_total refused")).toBe(1);
    expect(world.counted.get("notify_failures_total")).toBeLessThanOrEqual(6);
    for (let number = 0; number < 30; number++) await world.event(`promise/${number}`, "ok");
    await world.clock.advance(MINUTE);
    expect(world.news).toHaveLength(58);
    expect(new Set(world.told.map(({ id }) => id)).size).toBe(world.told.length);
  });

  test("what happened to one subject is told in its order in halves, too, and nothing is left of what nobody takes", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    world.answer = ({ items }) => (items.length > 1 ? REFUSED : TOLD);
    for (const status of ["critical", "ok", "critical"] as const) await world.event("promise/a", status);
    await world.clock.advance(SECOND);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered", "promise/a down"]);
    await world.event("promise/a", "ok");
    world.answer = () => REFUSED;
    for (const status of ["critical", "ok", "critical"] as const) await world.event("promise/a", status);
    await world.clock.advance(SECOND);
    world.answer = () => TOLD;
    await world.event("promise/a", "ok");
    await world.clock.advance(HOUR);
    expect(world.news.slice(3)).toEqual([]);
    expect([...world.saved.keys()].sort()).toEqual(["lost", "seq"]);
  });

  test("nor does it among many", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    world.answer = ({ items }) => (items.some(({ subject }) => subject === "promise/777") ? REFUSED : TOLD);
    for (let number = 0; number < 1000; number++) world.emit(`promise/${number}`, "critical");
    await world.deliver();
    await world.clock.advance(MINUTE);
    expect(world.news).toHaveLength(999);
    expect(world.counted.get("notify_lost_total refused")).toBe(1);
  });

  test("halves of a refused message do not overtake each other about the same subject, whatever fails then", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    let first = true;
    world.answer = ({ items }) => {
      if (items.length > 2) return REFUSED;
      if (first && items.some(({ kind }) => kind === "down")) return DOWN;
      return TOLD;
    };
    for (const status of ["critical", "ok"] as const)
      for (const subject of ["promise/a", "promise/b"]) world.emit(subject, status);
    await world.deliver();
    await world.clock.advance(10 * MINUTE);
    expect(world.news).toEqual([]);
    first = false;
    await world.clock.advance(10 * MINUTE);
    expect(world.news.toSorted()).toEqual(
      ["promise/a down", "promise/a recovered", "promise/b down", "promise/b recovered"].toSorted(),
    );
    for (const subject of ["promise/a", "promise/b"])
      expect(world.news.indexOf(`${subject} down`)).toBeLessThan(world.news.indexOf(`${subject} recovered`));
    expect(world.counted.get("notify_lost_total refused")).toBe(0);
  });

  test("what is lost is counted once, however often it has to be said", async () => {
    const world = await new World({}, { single: true }).start();
    world.answer = () => REFUSED;
    for (const subject of ["promise/a", "promise/b", "promise/c"]) await world.event(subject, "critical");
    expect(world.counted.get("notify_lost_total refused")).toBe(3);
    world.answer = () => TOLD;
    await world.event("promise/d", "critical");
    expect(world.told.at(-1)?.telling.notes).toEqual([
      "3 earlier changes were never told: see the log of lifeguard",
    ]);
  });

  test("an episode that lasted longer than `keep` while the target was down is told when it is over", async () => {
    const world = await new World({ keep: HOUR }).start();
    world.answer = () => DOWN;
    await world.event("promise/a", "critical");
    await world.clock.advance(48 * HOUR);
    await world.event("promise/a", "ok");
    await world.clock.advance(10 * MINUTE);
    world.answer = () => TOLD;
    await world.clock.advance(10 * MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("a login that is wrong after another failure is in the log, too; and what waits stays in the health while others are told", async () => {
    const world = await new World().start();
    const answers: Outcome[] = [DOWN, { kind: "failed", reason: "answered 401", correctable: true }];
    world.answer = () => answers.shift() ?? TOLD;
    await world.event("promise/a", "critical");
    await world.clock.advance(MINUTE);
    expect(world.logged).toEqual([expect.stringContaining("answered 401")]);
    await world.clock.advance(HOUR);
    expect(world.troubles.at(-1)).toBeNull();
    world.answer = ({ items }) =>
      items[0]?.subject === "promise/b"
        ? { kind: "failed", reason: "452 mailbox full", left: ["full@example.org"] }
        : TOLD;
    await world.event("promise/b", "critical");
    await world.event("promise/c", "critical");
    await world.clock.advance(SECOND);
    expect(world.news).toContain("promise/c down");
    expect(world.troubles.at(-1)).toContain("mailbox full");
  });

  test("what is too long for the target is told in parts, also over a crash; and what is refused for good is not tried for ever", async () => {
    const world = await new World({ groupWait: SECOND, listed: 40 }).start();
    world.answer = ({ text }) => (text.length > 400 ? REFUSED : TOLD);
    for (let number = 0; number < 40; number++) world.emit(`promise/${number}`, "critical");
    await world.deliver();
    await world.clock.advance(SECOND);
    expect(world.news).toHaveLength(40);
    world.answer = () => REFUSED;
    const before = world.counted.get("notify_failures_total") ?? 0;
    for (let number = 0; number < 640; number++) world.emit(`vim/${number}`, "critical");
    await world.deliver();
    await world.clock.advance(HOUR);
    expect((world.counted.get("notify_failures_total") ?? 0) - before).toBeLessThan(130);
    expect(world.counted.get("notify_lost_total refused")).toBe(640);
  });

  test("also where the recovery waited already when the DOWN was given up", async () => {
    const world = await new World({ keep: HOUR }, { single: true }).start();
    world.answer = () => DOWN;
    await world.event("promise/a", "critical");
    await world.clock.advance(30 * MINUTE);
    await world.event("promise/a", "ok");
    await world.event("promise/a", "critical", "again");
    await world.clock.advance(65 * MINUTE);
    world.answer = () => TOLD;
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["promise/a down"]);
    expect(world.told[0]?.telling.items[0]?.message).toBe("again");
  });

  test("whoever hears of an episode later is told that it is over", async () => {
    const world = await new World({ repeat: HOUR }).start();
    world.answer = ({ items }) => (items[0]?.kind === "down" ? REFUSED : TOLD);
    await world.event("promise/a", "critical");
    await world.event("promise/b", "warning");
    await world.event("promise/b", "critical");
    await world.clock.advance(HOUR);
    await world.event("promise/a", "ok");
    await world.event("promise/b", "ok");
    expect(world.news).toEqual([
      "promise/b worse",
      "promise/a reminder",
      "promise/b reminder",
      "promise/a recovered",
      "promise/b recovered",
    ]);
  });

  test("a recovery is told where only a reminder, or only some recipients, missed their message", async () => {
    const world = await new World({ repeat: HOUR }).start();
    world.answer = ({ items }) => (items[0]?.kind === "reminder" ? REFUSED : TOLD);
    await world.event("promise/a", "critical");
    await world.clock.advance(HOUR);
    await world.event("promise/a", "ok");
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
    let tries = 0;
    world.answer = () =>
      tries++ === 0 ? { kind: "failed", reason: "452 mailbox full", left: ["full@example.org"] } : REFUSED;
    await world.event("promise/b", "critical");
    await world.clock.advance(MINUTE);
    world.answer = () => TOLD;
    await world.event("promise/b", "ok");
    expect(world.news.slice(2)).toEqual(["promise/b recovered"]);
  });

  test("nothing is kept of a subject that is retired after its DOWN was given up", async () => {
    const world = await new World().start();
    world.answer = () => REFUSED;
    await world.event("promise/a", "critical");
    expect([...world.saved.keys()].some((key) => key.startsWith("u/"))).toBe(true);
    world.retire("promise/a");
    await world.clock.advance(HOUR);
    expect([...world.saved.keys()].sort()).toEqual(["lost", "seq"]);
  });

  test("what is over, and was tried in vain for `keep`, is given up; what stands is told whenever the target is back", async () => {
    const world = await new World({ keep: HOUR, groupWait: SECOND }).start();
    world.answer = () => DOWN;
    world.emit("promise/a", "critical");
    world.emit("promise/b", "critical");
    await world.deliver();
    await world.clock.advance(SECOND);
    await world.event("promise/a", "ok");
    await world.clock.advance(59 * MINUTE);
    expect(world.counted.get("notify_owed_changes")).toBe(3);
    await world.clock.advance(3 * MINUTE);
    expect(world.counted.get("notify_owed_changes")).toBe(1);
    expect(world.counted.get("notify_lost_total expired")).toBe(1);
    await world.clock.advance(100 * HOUR);
    await world.restart();
    world.answer = () => TOLD;
    await world.clock.advance(10 * MINUTE);
    expect(world.news).toEqual(["promise/b down"]);
    await world.event("promise/b", "ok");
    await world.clock.advance(SECOND);
    expect(world.news).toEqual(["promise/b down", "promise/b recovered"]);
  });

  test("time in which nobody tried does not count: a silence, or a stop", async () => {
    const world = await new World({ keep: HOUR }).start();
    await world.event("promise/a", "critical");
    const end = world.silence("promise/*");
    await world.event("promise/a", "ok");
    await world.clock.advance(30 * HOUR);
    const answers = [DOWN];
    world.answer = () => answers.pop() ?? TOLD;
    end();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
    world.answer = () => DOWN;
    await world.event("promise/b", "critical");
    await world.event("promise/b", "ok");
    await world.stop();
    await world.clock.advance(60 * HOUR);
    answers.push(DOWN);
    world.answer = () => answers.pop() ?? TOLD;
    await world.start();
    await world.clock.advance(MINUTE);
    expect(world.news.slice(2)).toEqual(["promise/b down", "promise/b recovered"]);
  });

  test("a wrong address or login is shown and logged at once, and asked rarely", async () => {
    const world = await new World().start();
    let tries = 0;
    world.answer = () => {
      tries++;
      return { kind: "failed", reason: "answered 401", correctable: true };
    };
    await world.event("promise/a", "critical");
    expect(world.troubles).toEqual(["far end: answered 401"]);
    expect(world.logged).toEqual([
      expect.stringContaining("until somebody corrects this: far end: answered 401"),
    ]);
    await world.clock.advance(299 * SECOND);
    expect(tries).toBe(1);
    await world.clock.advance(10 * HOUR);
    expect(world.logged).toHaveLength(1);
  });

  test("a trouble is over when what could not be told is not to be told any more", async () => {
    const world = await new World().start();
    world.answer = () => DOWN;
    await world.event("promise/a", "critical");
    await world.clock.advance(MINUTE);
    expect(world.troubles.at(-1)).toContain("connection refused");
    world.retire("promise/a");
    await world.clock.advance(HOUR);
    expect(world.counted.get("notify_owed_changes")).toBe(0);
    expect(world.troubles.at(-1)).toBeNull();
  });

  test("one message that always fails does not hold up the others", async () => {
    const world = await new World().start();
    world.answer = ({ items }) => (items.some(({ subject }) => subject === "promise/poison") ? DOWN : TOLD);
    await world.event("promise/poison", "critical");
    await world.clock.advance(SECOND);
    for (let number = 0; number < 20; number++) await world.event(`promise/${number}`, "critical");
    await world.clock.advance(2 * MINUTE);
    expect(world.news).toHaveLength(20);
    await world.event("promise/next", "critical");
    await world.clock.advance(2 * MINUTE);
    expect(world.news.at(-1)).toBe("promise/next down");
  });

  test("a recovery never overtakes its DOWN that still fails", async () => {
    const world = await new World().start();
    const seen: string[] = [];
    let poisoned = true;
    world.answer = ({ items }) => {
      seen.push(...items.map(({ kind }) => kind));
      return poisoned ? DOWN : TOLD;
    };
    await world.event("promise/a", "critical");
    await world.clock.advance(10 * MINUTE);
    await world.event("promise/a", "ok");
    await world.clock.advance(10 * MINUTE);
    expect(new Set(seen)).toEqual(new Set(["down"]));
    poisoned = false;
    await world.clock.advance(10 * MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("recipients that were put off are tried alone, while the others have it and hear what comes next", async () => {
    const world = await new World().start();
    world.answer = () => ({ kind: "failed", reason: "452 mailbox full", left: ["full@example.org"] });
    await world.event("promise/a", "critical");
    expect(world.saved.get("m/000000000000002")).toMatchObject({ left: ["full@example.org"] });
    world.answer = ({ items }) =>
      items[0]?.subject === "promise/a"
        ? { kind: "failed", reason: "452", left: ["full@example.org"] }
        : TOLD;
    await world.event("promise/b", "critical");
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/b down"]);
  });

  test("a recipient that is refused for good while others have it is a trouble that is shown, until everybody has a message", async () => {
    const world = await new World().start();
    world.answer = () => ({ kind: "told", except: "gone@example.org never gets it (550 no such user)" });
    await world.event("promise/a", "critical");
    expect(world.troubles.at(-1)).toContain("gone@example.org never gets it");
    world.answer = () => TOLD;
    await world.event("promise/b", "critical");
    expect(world.troubles.at(-1)).toBeNull();
  });
});

describe("too much to tell", () => {
  test("what stands waits in the book and is told when there is room; what is over by then is counted and said", async () => {
    const world = await new World({ capacity: 10 }).start();
    world.answer = () => DOWN;
    for (let number = 0; number < 30; number++) await world.event(`promise/${number}`, "critical");
    expect(world.counted.get("notify_owed_changes")).toBe(10);
    await world.event("promise/25", "ok");
    await world.event("promise/5", "ok");
    expect(world.counted.get("notify_lost_total full")).toBe(1);
    world.answer = () => TOLD;
    await world.clock.advance(20 * MINUTE);
    const told = world.told.reduce((sum, { telling }) => sum + telling.count, 0);
    expect(told).toBe(29 + 1);
    expect(world.told.flatMap(({ telling }) => telling.notes)).toContain(
      "1 earlier change was never told: see the log of lifeguard",
    );
  });
});

describe("starts and stops", () => {
  test("a start with 10,000 subjects that stand, told and not, tells nobody anything that was told before", async () => {
    const world = await new World({ groupWait: SECOND }).start();
    for (let number = 0; number < 10_000; number++)
      world.emit(`promise/${number}`, number % 2 === 0 ? "critical" : "ok");
    await world.deliver();
    await world.clock.advance(SECOND);
    expect(world.told.map(({ telling }) => telling.count)).toEqual([1000]);
    await world.clock.advance(MINUTE);
    const before = world.told.length;
    expect(world.told.reduce((sum, { telling }) => sum + telling.count, 0)).toBe(5000);
    await world.restart();
    for (let number = 0; number < 10_000; number++)
      world.emit(`promise/${number}`, number % 2 === 0 ? "critical" : "ok");
    await world.deliver();
    await world.clock.advance(5 * MINUTE);
    expect(world.told).toHaveLength(before);
  });

  test("a clean stop lets the message under way end, so that it is not told again", async () => {
    const world = await new World().start();
    const arrived = Promise.withResolvers<Outcome>();
    world.answer = () => arrived.promise;
    await world.event("promise/a", "critical");
    const stopped = world.stop();
    await world.clock.advance(SECOND);
    arrived.resolve(TOLD);
    await stopped;
    world.answer = () => TOLD;
    await world.start();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down"]);
  });

  test("a crash between the far end's answer and its note tells the same message again, under the same id", async () => {
    const world = await new World().start();
    const ids: string[] = [];
    const answered = Promise.withResolvers<void>();
    world.answer = ({ id }) => {
      ids.push(id);
      answered.resolve();
      return ids.length === 1 ? new Promise(() => {}) : TOLD;
    };
    await world.event("promise/a", "critical");
    await answered.promise;
    await world.restart();
    await world.clock.advance(0);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test("also where it is silenced by then: told again at the end of the silence, under the same id", async () => {
    const world = await new World().start();
    const ids: string[] = [];
    const answered = Promise.withResolvers<void>();
    world.answer = ({ id }) => {
      ids.push(id);
      answered.resolve();
      return ids.length === 1 ? new Promise(() => {}) : TOLD;
    };
    world.emit("promise/a", "critical");
    world.emit("promise/b", "critical");
    await world.deliver();
    await answered.promise;
    const end = world.silence("promise/*");
    await world.restart();
    await world.event("vim/edge", "critical");
    await world.clock.advance(HOUR);
    expect(world.news).toEqual(["vim/edge down"]);
    end();
    await world.clock.advance(0);
    expect(world.news).toEqual(["vim/edge down", "promise/a down", "promise/b down"]);
    expect(ids).toHaveLength(3);
    expect(ids[2]).toBe(ids[0]);
  });

  test("an event that comes again after a crash counts once", async () => {
    const world = await new World().start();
    world.emit("promise/a", "critical");
    world.emit("promise/a", "ok");
    await world.deliver({ acknowledge: false });
    await world.restart();
    await world.clock.advance(MINUTE);
    expect(world.news).toEqual(["promise/a down", "promise/a recovered"]);
  });

  test("a test message says that it is one, and is no news", async () => {
    const world = await new World().start();
    world.title = "My platform";
    expect(await world.test()).toMatch(/^a test message was told to far end; its id is /);
    expect(world.told[0]?.telling).toMatchObject({
      kind: "test",
      status: "ok",
      title: "[lifeguard] TEST this is a test",
    });
    world.answer = () => DOWN;
    await expect(world.test()).rejects.toThrow("far end: connection refused");
    expect(world.counted.get("notify_messages_total")).toBe(0);
  });
});
