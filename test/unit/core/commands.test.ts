import { describe, expect, test, vi } from "vitest";
import { commandAudit, type SentCommand } from "../../../src/core/commands/audit.ts";
import { Commands } from "../../../src/core/commands.ts";
import {
  type CommandRequest,
  type EventDraft,
  type Json,
  LifeguardError,
} from "../../../src/plugin/index.ts";
import { FakeClock } from "../../../src/testkit/fake-clock.ts";
import { setup as monitorSetup, saw } from "./monitors/scripted-host.ts";

function setup() {
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string) => void logged.push(message),
    error: () => {},
  };
  return { clock, logged, commands: new Commands({ clock, log }) };
}

describe("who answers", () => {
  test("the handler whose glob matches the subject, for that name", async () => {
    const { commands } = setup();
    const handler = vi.fn(async ({ subject }: CommandRequest) => `restarted ${subject}`);
    commands.registryFor("things").handle("thing/*", "restart", handler);
    expect(await commands.send("thing/a", "restart", { arguments: { hard: true } })).toBe(
      "restarted thing/a",
    );
    expect(handler).toHaveBeenCalledWith({
      name: "restart",
      subject: "thing/a",
      arguments: { hard: true },
      wait: true,
      signal: expect.any(AbortSignal),
    });
    expect(commands.sources("thing/a", "restart")).toEqual(["things"]);
    await expect(commands.send("thing/a", "stop")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
    await expect(commands.send("other/a", "restart")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
  });

  test("an exact subject before a glob, an earlier glob before a later one", async () => {
    const { commands } = setup();
    const registry = commands.registryFor("things");
    registry.handle("thing/*", "look", async () => "glob");
    registry.handle("*", "look", async () => "everything");
    registry.handle("thing/a", "look", async () => "exact");
    expect(await commands.send("thing/a", "look")).toBe("exact");
    expect(await commands.send("thing/b", "look")).toBe("glob");
    expect(await commands.send("x/y", "look")).toBe("everything");
  });

  test("nobody any more once the handler is taken back", async () => {
    const { commands } = setup();
    const registry = commands.registryFor("things");
    const undo = [
      registry.handle("thing/a", "look", async () => 1),
      registry.handle("thing/*", "look", async () => 2),
    ];
    undo[0]?.();
    expect(await commands.send("thing/a", "look")).toBe(2);
    undo[1]?.();
    await expect(commands.send("thing/a", "look")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
    registry.handle("thing/a", "look", async () => 3);
    undo[0]?.();
    expect(await commands.send("thing/a", "look")).toBe(3);
  });

  test("one handler for one glob", () => {
    const { commands } = setup();
    const registry = commands.registryFor("things");
    for (const glob of ["thing/a", "thing/*"]) {
      registry.handle(glob, "look", async () => 1);
      expect(() => registry.handle(glob, "look", async () => 2)).toThrow(
        expect.objectContaining({ code: "COMMAND_DUPLICATE" }),
      );
    }
    expect(() => registry.handle("thing/a", "stop", async () => 1)).not.toThrow();
  });

  test("several sources: the one that is named", async () => {
    const { commands } = setup();
    for (const source of ["east", "west"])
      commands.registryFor(source).handle("thing/*", "look", async () => source);
    expect(await commands.send("thing/a", "look", { source: "west" })).toBe("west");
    await expect(commands.send("thing/a", "look")).rejects.toMatchObject({
      code: "COMMAND_AMBIGUOUS",
      message: expect.stringContaining("east, west"),
    });
    await expect(commands.send("thing/a", "look", { source: "north" })).rejects.toMatchObject({
      code: "COMMAND_UNKNOWN",
    });
  });

  test("nobody after the source has stopped; a new start answers anew", async () => {
    const { commands } = setup();
    const stop = new AbortController();
    commands.registryFor("things", { signal: stop.signal }).handle("*", "look", async () => "old");
    commands.registryFor("things").handle("*", "look", async () => "new");
    stop.abort();
    expect(await commands.send("thing/a", "look")).toBe("new");
    commands
      .registryFor("dead", { signal: AbortSignal.abort() })
      .handle("*", "look", async () => "from the dead");
    expect(commands.sources("thing/a", "look")).toEqual(["things"]);
  });
});

describe("what the handler fails with", () => {
  test("a LifeguardError is passed on", async () => {
    const { commands } = setup();
    const error = new LifeguardError("PROMISE_GONE", "no such promise");
    commands.registryFor("things").handle("*", "look", () => Promise.reject(error));
    await expect(commands.send("thing/a", "look")).rejects.toBe(error);
  });

  test("anything else becomes one, with its cause", async () => {
    const { commands } = setup();
    const cause = new Error("typo");
    commands.registryFor("things").handle("*", "look", () => {
      throw cause;
    });
    await expect(commands.send("thing/a", "look")).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: "look of thing/a failed: typo",
      cause,
    });
  });
});

describe("waiting", () => {
  function hanging() {
    const parts = setup();
    const requests: CommandRequest[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const stop = new AbortController();
    parts.commands.registryFor("things", { signal: stop.signal }).handle("*", "look", (request) => {
      requests.push(request);
      return promise;
    });
    return { ...parts, requests, resolve, reject, stop };
  }

  test("ends with the sender's signal, which the handler sees", async () => {
    const { commands, requests, clock } = hanging();
    const gone = new AbortController();
    const sent = commands.send("thing/a", "look", { signal: gone.signal });
    const reason = new Error("closed the page");
    gone.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(requests[0]?.signal.reason).toBe(reason);
    expect(clock.pending).toBe(0);
    await expect(commands.send("thing/a", "look", { signal: gone.signal })).rejects.toBe(reason);
    expect(requests).toHaveLength(1);
  });

  test("ends after five minutes", async () => {
    const { commands, requests, clock } = hanging();
    const sent = commands.send("thing/a", "look");
    const expected = expect(sent).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
    await clock.advance(299_999);
    expect(requests[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    await expected;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test("ends when the source stops", async () => {
    const { commands, requests, stop, clock } = hanging();
    const sent = commands.send("thing/a", "look");
    stop.abort();
    await expect(sent).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("not at all: resolves as soon as it was taken on; the sender may go", async () => {
    const { commands, requests, clock, resolve } = hanging();
    const gone = new AbortController();
    expect(await commands.send("thing/a", "look", { wait: false, signal: gone.signal })).toBeNull();
    gone.abort();
    expect(requests[0]).toMatchObject({ wait: false, signal: { aborted: false } });
    resolve("done");
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test("not at all: a refusal is told, a later failure is logged", async () => {
    const { commands, logged, clock, reject } = hanging();
    expect(await commands.send("thing/a", "look", { wait: false })).toBeNull();
    reject(new Error("broke later"));
    await clock.advance(0);
    expect(logged).toEqual(["a command that nobody waited for: look of thing/a failed: broke later"]);
    commands.registryFor("busy").handle("busy/*", "look", async () => {
      throw new LifeguardError("COMMAND_BUSY", "still at it");
    });
    await expect(commands.send("busy/a", "look", { wait: false, source: "busy" })).rejects.toMatchObject({
      code: "COMMAND_BUSY",
    });
  });
});

describe("run of a monitor", () => {
  function withMonitors() {
    const parts = monitorSetup();
    const commands = new Commands({
      clock: parts.clock,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const registry = commands.registryFor("things", {
      signal: parts.stop.signal,
      fallback: parts.monitors.command,
    });
    return { ...parts, commands, registry };
  }

  test("is there by itself where it has a probe", async () => {
    const { commands, monitors, fake } = withMonitors();
    monitors.register({ id: "b", subject: "thing/b", stale_after: 1000 });
    monitors.register({
      id: "a",
      subject: "thing/a",
      schedule: { every: 60_000 },
      timeout: 500,
      probe: async ({ trigger }) => saw("ok", trigger),
    });
    await fake.advance(100);
    expect(await commands.send("thing/a", "run")).toEqual({
      status: "ok",
      state: "OK",
      message: "command",
      measures: {},
      durationMs: 0,
    });
    expect(commands.sources("thing/a", "run")).toEqual(["things"]);
    await expect(commands.send("thing/b", "run")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
    await expect(commands.send("thing/c", "run")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
    await expect(commands.send("thing/a", "stop")).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
  });

  test("is busy for who does not wait, and joined by who does; one who leaves does not end it", async () => {
    const { commands, monitors, fake } = withMonitors();
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof saw>>();
    let aborted = false;
    monitors.register({
      id: "a",
      subject: "thing/a",
      schedule: { every: 60_000 },
      timeout: 50_000,
      probe: ({ signal }) => {
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return promise;
      },
    });
    await fake.advance(0);
    await expect(commands.send("thing/a", "run", { wait: false })).rejects.toMatchObject({
      code: "COMMAND_BUSY",
    });
    const leaver = new AbortController();
    const left = commands.send("thing/a", "run", { signal: leaver.signal });
    const stays = commands.send("thing/a", "run");
    leaver.abort();
    await expect(left).rejects.toThrow();
    expect(aborted).toBe(false);
    resolve(saw("ok", "done"));
    expect(await stays).toMatchObject({ message: "done" });
  });

  test("stands behind a handler of the source's own", async () => {
    const { commands, monitors, registry } = withMonitors();
    monitors.register({
      id: "a",
      subject: "thing/a",
      stale_after: 1000,
      probe: async () => saw("ok"),
    });
    registry.handle("*", "run", async () => "own");
    expect(await commands.send("thing/a", "run")).toBe("own");
  });
});

describe("the audit", () => {
  function audited() {
    const sent: SentCommand[] = [];
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const commands = new Commands({ clock: new FakeClock(), log, audit: (one) => void sent.push(one) });
    return { sent, commands, registry: commands.registryFor("things") };
  }
  const by = { kind: "user", name: "alice" } as const;
  const base = { command: "restart", subject: "thing/a", source: "things", by };

  test("tells who had what done, and how it ended", async () => {
    const { sent, commands, registry } = audited();
    registry.handle("thing/a", "restart", async () => null);
    await commands.send("thing/a", "restart", { by });
    await commands.send("thing/a", "restart", { by, wait: false });
    registry.handle("thing/b", "restart", async () => {
      throw new Error("no");
    });
    await expect(commands.send("thing/b", "restart")).rejects.toThrow("no");
    expect(sent).toEqual([
      { ...base, result: "done" },
      { ...base, result: "taken on" },
      { ...base, subject: "thing/b", by: undefined, result: "COMMAND_FAILED" },
    ]);
  });

  test("does not tell of what nobody took on", async () => {
    const { sent, commands, registry } = audited();
    registry.handle("thing/a", "restart", async () => {
      throw new LifeguardError("COMMAND_BUSY", "it runs");
    });
    await expect(commands.send("thing/a", "restart", { by })).rejects.toMatchObject({ code: "COMMAND_BUSY" });
    await expect(commands.send("thing/z", "restart", { by })).rejects.toMatchObject({
      code: "COMMAND_UNKNOWN",
    });
    expect(sent).toEqual([]);
  });

  test("is a line in the log and an event of lifeguard's own", () => {
    const lines: string[] = [];
    const events: EventDraft[] = [];
    const log = {
      debug: () => {},
      info: (line: string) => void lines.push(line),
      warn: () => {},
      error: () => {},
    };
    const audit = commandAudit(log, { emit: (draft) => void events.push(draft) });
    audit({ ...base, from: undefined, result: "done" });
    audit({ ...base, from: "192.0.2.7", by: { kind: "local" }, result: "COMMAND_FAILED" });
    audit({ ...base, from: undefined, by: undefined, result: "done" });
    expect(lines[0]).toBe("alice sent restart to thing/a: done");
    expect(lines[1]).toBe("local at 192.0.2.7 sent restart to thing/a: COMMAND_FAILED");
    expect(events.map(({ data }) => data)).toMatchObject([
      { by: "alice", command: "restart", subject: "thing/a", source: "things", result: "done" },
      { by: "local", from: "192.0.2.7", result: "COMMAND_FAILED" },
      { by: "unnamed" },
    ]);
    expect(events[0]).toMatchObject({
      type: "lifeguard.command.sent",
      subject: "core/commands",
      status: "ok",
    });
  });
});
