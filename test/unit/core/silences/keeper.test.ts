import { Harness } from "lifeguard/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MaintenanceWindow } from "../../../../src/core/config/model.ts";
import { SilenceKeeper } from "../../../../src/core/silences/keeper.ts";
import { ActiveSilences } from "../../../../src/core/silences/silences.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = "2026-03-01T12:00:30.000Z";

let clock: FakeClock;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  clock = new FakeClock(START);
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function start(maintenance: readonly MaintenanceWindow[] = []): Promise<Harness> {
  return Harness.start({ clock, dataDirectory: folder.path, maintenance });
}

/** A keeper without a pipeline around it. */
function alone() {
  const active = new ActiveSilences();
  const journal = { state: () => [], append: async () => {} };
  const intake = { record: async () => {} };
  return { active, keeper: new SilenceKeeper({ active, journal, intake, emit: () => {}, clock }) };
}

const keeper = (harness: Harness) => harness.pipeline.engine.silenceKeeper;
const silenced = (harness: Harness, subject: string) => harness.pipeline.engine.silences.of({ subject })?.id;
const ask = (harness: Harness, length: number, subject = "vim/*") =>
  keeper(harness).begin({ subjects: [subject], labels: {}, for: length, why: "disk swap", by: "ann" });

/** Type, subject and message of what was told about silences. */
async function told(harness: Harness): Promise<string[]> {
  await harness.pipeline.engine.intake.drain(new AbortController().signal);
  return harness
    .events({ types: ["lifeguard.silence.*"] })
    .map(({ event }) => `${event.type.slice("lifeguard.silence.".length)} ${event.message}`);
}

function window(when: MaintenanceWindow["when"], more: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  const place = { file: "/etc/lifeguard/monitors.yaml", line: 7, column: 5 };
  return { id: "window", place, subjects: ["vim/*"], labels: {}, why: "works", when, ...more };
}

describe("a silence that somebody asks for", () => {
  test("holds at once, ends at its time, and both are told", async () => {
    await using harness = await start();
    const { id } = await ask(harness, 5 * MINUTE);
    expect(silenced(harness, "vim/edge")).toBe(id);
    expect(silenced(harness, "promise/x")).toBeUndefined();
    await clock.advance(5 * MINUTE - 1);
    expect(silenced(harness, "vim/edge")).toBe(id);
    await clock.advance(1);
    expect(silenced(harness, "vim/edge")).toBeUndefined();
    expect(await told(harness)).toEqual([
      "began silenced vim/* until 2026-03-01 12:05:30Z by ann (disk swap)",
      "ended the silence of vim/* has ended (disk swap)",
    ]);
    const [began, ended] = harness.events({ types: ["lifeguard.silence.*"] });
    expect(began?.event).toMatchObject({
      subject: `silence/${id}`,
      status: "ok",
      data: { id, kind: "silence", subjects: ["vim/*"], by: "ann", until: "2026-03-01T12:05:30.000Z" },
    });
    expect(ended?.event.data).toMatchObject({ id, ended: "2026-03-01T12:05:30.000Z", reason: "time" });
  });

  test("can be ended early, once", async () => {
    await using harness = await start();
    const { id } = await ask(harness, MINUTE);
    await keeper(harness).end(id, "bob");
    expect(silenced(harness, "vim/edge")).toBeUndefined();
    await clock.advance(2 * MINUTE);
    expect(await told(harness)).toEqual([
      expect.stringMatching(/^began/),
      "ended the silence of vim/* was ended early by bob (disk swap)",
    ]);
    await expect(keeper(harness).end(id, "bob")).rejects.toMatchObject({ code: "SILENCE_UNKNOWN" });
  });

  test("outlasts a restart, and others over it", async () => {
    const first = await start();
    const long = await ask(first, 3 * MINUTE);
    const short = await ask(first, MINUTE, "vim/edge");
    await first.stop();
    await using harness = await start();
    expect(harness.pipeline.engine.silences.active()).toEqual([long, short]);
    await clock.advance(MINUTE);
    expect(harness.pipeline.engine.silences.active()).toEqual([long]);
    await clock.advance(2 * MINUTE);
    expect(harness.pipeline.engine.silences.active()).toEqual([]);
  });

  test("ends on time although lifeguard was down then, and that is told once", async () => {
    const first = await start();
    await ask(first, HOUR);
    await first.stop();
    await clock.advance(2 * HOUR);
    const second = await start();
    expect(silenced(second, "vim/edge")).toBeUndefined();
    expect(await told(second)).toEqual(["ended the silence of vim/* has ended (disk swap)"]);
    const [ended] = second.events({ types: ["lifeguard.silence.ended"] });
    expect(ended?.event.data).toMatchObject({ ended: "2026-03-01T13:00:30.000Z" });
    await second.stop();
    await clock.advance(1);
    await using third = await start();
    expect(await told(third)).toEqual([]);
  });

  test("may last longer than a timer of the platform can wait", async () => {
    const { keeper, active } = alone();
    await keeper.begin({ subjects: ["vim/*"], labels: {}, for: 30 * DAY, why: "", by: "" });
    await clock.advance(30 * DAY - 1);
    expect(active.active()).toHaveLength(1);
    await clock.advance(1);
    expect(active.active()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("ends within a minute when somebody sets the clock beyond its end", async () => {
    await using harness = await start();
    await ask(harness, DAY);
    clock.setWall("2026-03-05T00:00:00Z");
    await clock.advance(MINUTE);
    expect(silenced(harness, "vim/edge")).toBeUndefined();
  });

  test("leaves nothing behind", async () => {
    await using harness = await start();
    const { journal, intake } = harness.pipeline.engine;
    const { id } = await ask(harness, MINUTE);
    await keeper(harness).end((await ask(harness, HOUR)).id, "");
    expect(journal.state("source/lifeguard", "").map(([key]) => key)).toEqual([`silence/${id}`]);
    await clock.advance(MINUTE);
    await intake.drain(new AbortController().signal);
    expect(journal.state("source/lifeguard", "")).toEqual([]);
    expect(journal.subjects().filter(({ subject }) => subject.startsWith("silence/"))).toEqual([]);
    expect(harness.board.recent(10, { types: ["lifeguard.silence.*"] })).toHaveLength(4);
  });

  test("is refused when it cannot be, and when there are too many", async () => {
    await using harness = await start();
    const request = { subjects: ["vim/*"], labels: {}, for: HOUR, why: "", by: "" };
    for (const wrong of [
      { subjects: [] },
      { subjects: [""] },
      { labels: { team: [""] } },
      { labels: { team: [] } },
      { labels: { "": ["x"] } },
      { labels: { ["x".repeat(201)]: ["x"] } },
      { for: 1 },
      { for: Number.NaN },
      { for: 91 * DAY },
    ])
      await expect(keeper(harness).begin({ ...request, ...wrong })).rejects.toMatchObject({
        code: "SILENCE_INVALID",
      });
    const begun = await Promise.allSettled(
      Array.from({ length: 1001 }, () => keeper(harness).begin(request)),
    );
    const refused = begun.filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject([{ reason: { code: "SILENCES_FULL" } }]);
    const [first] = harness.pipeline.engine.silences.active();
    await keeper(harness).end(first?.id ?? "", "");
    await keeper(harness).begin(request);
  });
});

test("a silence of labels is about what has them all, over a restart", async () => {
  const labels = { team: ["plat*", "ops"], site: ["north"] };
  const of = (harness: Harness, own: Record<string, string>) =>
    harness.pipeline.engine.silences.of({ subject: "vim/edge", labels: own }) !== undefined;
  const expected = async (harness: Harness) => {
    expect(of(harness, { team: "platform", site: "north" })).toBe(true);
    expect(of(harness, { team: "ops", site: "north" })).toBe(true);
    expect(of(harness, { team: "sales", site: "north" })).toBe(false);
    expect(of(harness, { team: "ops" })).toBe(false);
  };
  {
    await using harness = await start();
    await keeper(harness).begin({ subjects: ["*"], labels, for: HOUR, why: "", by: "" });
    await expected(harness);
    expect(await told(harness)).toEqual([
      "began silenced * with team=plat*|ops, site=north until 2026-03-01 13:00:30Z",
    ]);
  }
  await using again = await start();
  await expected(again);
});

describe("a maintenance window", () => {
  const at = (time: string) => Date.parse(`2026-03-${time}:00Z`);

  test("that is in force at the start is in force at once; it ends at its time", async () => {
    await using harness = await start([window({ from: at("01T11:00"), until: at("01T12:05") })]);
    expect(harness.pipeline.engine.silences.active()).toMatchObject([
      { id: "window", kind: "maintenance", since: "2026-03-01T11:00:00.000Z", why: "works" },
    ]);
    await clock.advance(5 * MINUTE);
    expect(silenced(harness, "vim/edge")).toBeUndefined();
    expect(await told(harness)).toEqual([
      "began maintenance of vim/* until 2026-03-01 12:05:00Z (works)",
      "ended the maintenance of vim/* has ended (works)",
    ]);
  });

  test("begins to the millisecond, though it was days ahead", async () => {
    const { keeper, active } = alone();
    keeper.configure([window({ from: at("04T11:00") + 1, until: at("30T11:00") })]);
    await clock.advance(at("04T11:00") - clock.now());
    expect(active.active()).toEqual([]);
    await clock.advance(1);
    expect(active.active()).toMatchObject([{ id: "window" }]);
  });

  test("comes again and again by its schedule", async () => {
    const { keeper, active } = alone();
    const seen: string[] = [];
    active.changes.subscribe(() => seen.push(new Date(clock.now()).toISOString().slice(8, 19)));
    keeper.configure([window({ schedule: "30 12 * * *", timezone: "UTC", for: HOUR })]);
    await clock.advance(2 * DAY);
    expect(seen).toEqual(["01T12:30:00", "01T13:30:00", "02T12:30:00", "02T13:30:00"]);
    keeper.close();
    expect(clock.pending).toBe(0);
  });

  test("that overlaps with itself goes on, and is told once", async () => {
    const overlapping = [window({ schedule: "0-4/2 12 * * *", timezone: "UTC", for: 3 * MINUTE })];
    const first = await start(overlapping);
    await clock.advance(2 * MINUTE);
    expect(await told(first)).toEqual(["began maintenance of vim/* until 2026-03-01 12:03:00Z (works)"]);
    await first.stop();
    await using harness = await start(overlapping);
    await clock.advance(4 * MINUTE);
    expect(silenced(harness, "vim/edge")).toBe("window");
    await clock.advance(MINUTE);
    expect(silenced(harness, "vim/edge")).toBeUndefined();
    expect(await told(harness)).toEqual(["ended the maintenance of vim/* has ended (works)"]);
  });

  test("that ended and began anew while lifeguard was down is told as two", async () => {
    const daily = [window({ schedule: "0 12 * * *", timezone: "UTC", for: HOUR })];
    await (await start(daily)).stop();
    await clock.advance(DAY);
    await using harness = await start(daily);
    expect(await told(harness)).toEqual([
      "ended the maintenance of vim/* has ended (works)",
      "began maintenance of vim/* until 2026-03-02 13:00:00Z (works)",
    ]);
  });

  test("changes with the configuration, and nobody is told in between", async () => {
    await using harness = await start([window({ from: at("01T11:00"), until: at("01T13:00") })]);
    const { silences } = harness.pipeline.engine;
    let gaps = 0;
    silences.changes.subscribe(() => {
      if (!silences.of({ subject: "vim/edge" })) gaps++;
    });
    await harness.apply({
      maintenance: [window({ from: at("01T11:00"), until: at("01T14:00") }, { id: "longer" })],
    });
    expect(gaps).toBe(0);
    expect(silences.active()).toMatchObject([{ id: "longer" }]);
    await harness.apply({});
    expect(silences.active()).toEqual([]);
    expect(await told(harness)).toEqual([
      expect.stringContaining("until 2026-03-01 13:00"),
      expect.stringContaining("until 2026-03-01 14:00"),
      "ended the maintenance of vim/* has ended: monitors.yaml does not have it any more (works)",
      "ended the maintenance of vim/* has ended: monitors.yaml does not have it any more (works)",
    ]);
  });

  test("cannot be ended like a silence: whoever tries is told where it is defined, also when it has moved there", async () => {
    const now = window({ from: at("01T11:00"), until: at("01T13:00") });
    await using harness = await start([now]);
    const refusal = async () =>
      (await keeper(harness)
        .end("window", "")
        .catch((error) => error)) as Error;
    expect(await refusal()).toMatchObject({
      code: "SILENCE_MAINTENANCE",
      message:
        "window is a maintenance window, defined at /etc/lifeguard/monitors.yaml:7: it ends at 2026-03-01T13:00:00.000Z, or as soon as you change its time or take it out there; lifeguard notices that by itself",
    });
    const place = { file: "/etc/lifeguard/monitors.d/works.yaml", line: 2, column: 5 };
    await harness.apply({ maintenance: [{ ...now, place }] });
    expect((await refusal()).message).toContain("defined at /etc/lifeguard/monitors.d/works.yaml:2:");
    expect(silenced(harness, "vim/edge")).toBe("window");
  });
});
