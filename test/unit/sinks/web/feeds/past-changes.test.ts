import { describe, expect, it } from "vitest";
import { PastChanges, type PastOf } from "../../../../../src/sinks/web/feeds/past-changes.ts";
import { FakeClock } from "../../../../../src/testkit/index.ts";
import { World } from "../context.ts";
import { pastChange, ScriptedHistory } from "./scripted-history.ts";

const TIME = "2025-12-31T10:00:00.000Z";
const ALL: PastOf = { key: "", filters: [{}], test: () => true, enough: 2, boardFrom: undefined };

function setup() {
  const clock = new FakeClock();
  const world = new World(clock);
  const history = new ScriptedHistory();
  world.history = history;
  history.changes = [pastChange("a", TIME), pastChange("b", TIME), pastChange("c", TIME)];
  return { clock, world, history, past: new PastChanges(world.context()) };
}

const ids = async (past: PastChanges, of: PastOf = ALL) =>
  (await past.of(of)).changes.map(({ event }) => event.id);

describe("what a feed remembers of the history", () => {
  it("is asked for once a minute, however many read the feed", async () => {
    const { clock, history, past } = setup();
    expect(await Promise.all([ids(past), ids(past)])).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    await clock.advance(59_000);
    await ids(past);
    expect(history.asked).toHaveLength(1);
    await clock.advance(2000);
    history.changes.unshift(pastChange("new", TIME));
    expect(await ids(past)).toEqual(["new", "a"]);
    expect(history.asked).toHaveLength(2);
  });

  it("is asked for anew where the board no longer reaches back to it", async () => {
    const { clock, history, past } = setup();
    await ids(past);
    await clock.advance(1000);
    await ids(past, { ...ALL, boardFrom: new Date(clock.now() - 500).toISOString() });
    expect(history.asked).toHaveLength(2);
    await ids(past, { ...ALL, boardFrom: TIME });
    expect(history.asked).toHaveLength(2);
  });

  it("is asked for anew where it may have been behind the board when it was read", async () => {
    const { clock, history, past } = setup();
    await ids(past);
    const asked = { ...ALL, boardFrom: new Date(clock.now() - 1000).toISOString() };
    history.changes.unshift(pastChange("written late", TIME));
    expect(await ids(past, asked)).toEqual(["written late", "a"]);
    await clock.advance(10_000);
    await ids(past, asked);
    expect(history.asked).toHaveLength(3);
    await ids(past, asked);
    expect(history.asked).toHaveLength(3);
  });

  it("goes on through pages until it has enough of what is wanted, within a bound", async () => {
    const { history, past } = setup();
    history.changes = Array.from({ length: 100 }, (_, at) => pastChange(`${at}`, TIME));
    expect(await ids(past, { ...ALL, test: ({ event }) => Number(event.id) >= 3 })).toEqual(["3", "4"]);
    expect(await ids(past, { ...ALL, key: "none", test: () => false })).toEqual([]);
    expect(history.asked).toHaveLength(3 + 5);
  });

  it("is waited for a second only; what comes later is there for the next reader", async () => {
    const { clock, history, past } = setup();
    const slow = Promise.withResolvers<void>();
    history.before = () => slow.promise;
    const first = ids(past);
    await clock.advance(999);
    expect(clock.pending).toBe(2);
    await clock.advance(1);
    expect(await first).toEqual([]);
    const second = ids(past);
    slow.resolve();
    expect(await second).toEqual(["a", "b"]);
    expect(history.asked).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("keeps what it had when the history fails, and asks again ten seconds later", async () => {
    const { clock, history, past } = setup();
    await ids(past);
    await clock.advance(60_000);
    history.before = async () => Promise.reject(new Error("no database"));
    expect(await ids(past)).toEqual(["a", "b"]);
    await ids(past);
    expect(history.asked).toHaveLength(2);
    await clock.advance(10_000);
    await ids(past);
    expect(history.asked).toHaveLength(3);
  });

  it("is nothing where there is no history", async () => {
    const { world, past } = setup();
    world.history = undefined;
    expect(await ids(past)).toEqual([]);
  });
});
