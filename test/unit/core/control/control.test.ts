import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ControlClient } from "../../../../src/core/control/client.ts";
import type { ControlTarget } from "../../../../src/core/control/control-target.ts";
import { type ControlServer, startControlServer } from "../../../../src/core/control/server.ts";
import {
  type Envelope,
  type Json,
  LifeguardError,
  type Logger,
  type Silence,
  type StreamItem,
} from "../../../../src/plugin/index.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function envelope(seq: number, subject: string, type: string): Envelope {
  return {
    seq,
    received: "2026-01-01T00:00:00.000Z",
    change: true,
    previous: null,
    since: "2026-01-01T00:00:00.000Z",
    episode: null,
    event: {
      id: `id-${seq}`,
      time: "2026-01-01T00:00:00.000Z",
      origin: "here",
      source: "promises",
      type,
      subject,
      status: "ok",
      state: "OK",
      message: "fine",
      labels: {},
      measures: {},
      data: null,
    },
  };
}

/** A target whose parts a test replaces one by one. */
function target(parts: Partial<ControlTarget> = {}): ControlTarget {
  return {
    status: () => ({ ready: true, head: 7, subjects: [] }) as unknown as ReturnType<ControlTarget["status"]>,
    async *events() {},
    commands: {
      async send(subject, name) {
        throw new LifeguardError("COMMAND_UNKNOWN", `no source answers ${name} for ${subject}`);
      },
    },
    reload: async () => ({ ok: true, message: "nothing changed" }),
    deadLetters: {
      list: () => [],
      replay: async () => ({ accepted: 0, refused: 0, left: 0, reason: null }),
      drop: async () => 0,
    },
    silences: {
      list: () => [],
      begin: async () => expect.fail("nobody asked for a silence"),
      end: async () => expect.fail("nobody ended a silence"),
    },
    history: () => undefined,
    testSink: async (name) => `told by ${name}`,
    sinkNames: () => [],
    ...parts,
  };
}

async function serve(
  parts: Partial<ControlTarget> = {},
  below = "",
): Promise<{ folder: string; server: ControlServer }> {
  const root = mkdtempSync(join(tmpdir(), "lg-control-"));
  cleanups.push(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, below);
  mkdirSync(folder, { recursive: true });
  const server = await startControlServer({
    socket: join(folder, "control.sock"),
    target: target(parts),
    log: silent,
  });
  cleanups.push(() => server.close());
  return { folder, server };
}

test("status answers over a socket that only its user can open", async () => {
  const { folder } = await serve();
  expect(await new ControlClient(folder).status()).toMatchObject({ ready: true, head: 7 });
  expect(statSync(join(folder, "control.sock")).mode & 0o777).toBe(0o600);
});

test("a sink's test says what it did, or why it could not", async () => {
  const { folder } = await serve();
  expect(await new ControlClient(folder).testSink("mail")).toEqual({ done: "told by mail" });
  const { folder: other } = await serve({
    testSink: async () => {
      throw new LifeguardError("SINK_TEST", "connection refused");
    },
  });
  await expect(new ControlClient(other).testSink("mail")).rejects.toMatchObject({
    code: "SINK_TEST",
    message: "connection refused",
  });
});

test("a data directory whose path is too long for a socket works all the same", async () => {
  const { folder } = await serve({}, join("a".repeat(80), "b".repeat(80)));
  expect(await new ControlClient(folder).status()).toMatchObject({ head: 7 });
});

test("what a dead process left in place of the socket is replaced", async () => {
  const root = mkdtempSync(join(tmpdir(), "lg-control-"));
  cleanups.push(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "control.sock"), "");
  const server = await startControlServer({
    socket: join(root, "control.sock"),
    target: target(),
    log: silent,
  });
  cleanups.push(() => server.close());
  expect(await new ControlClient(root).status()).toMatchObject({ ready: true });
});

test("without a running lifeguard the error says which directory and what to do", async () => {
  const client = new ControlClient("/nonexistent/data");
  await expect(client.status()).rejects.toMatchObject({
    code: "NOT_RUNNING",
    message: expect.stringContaining("/nonexistent/data"),
  });
});

test("a lifeguard that takes no notice is told from one that takes its time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lg-control-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const sockets = new Set<Socket>();
  const deaf = createServer((socket) => void sockets.add(socket)).listen(join(folder, "control.sock"));
  await once(deaf, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    deaf.close();
  });
  const asked = [new ControlClient(folder, 50).status(), new ControlClient(folder, 50).check("a/b")];
  for (const answer of asked)
    await expect(answer).rejects.toMatchObject({
      code: "NOT_ANSWERING",
      message: expect.stringContaining(folder),
    });

  const answer = Promise.withResolvers<Json>();
  const slow = await serve({ commands: { send: () => answer.promise } });
  const waiting = new ControlClient(slow.folder, 500).check("a/b");
  const began = performance.now();
  await expect.poll(() => performance.now() - began, { timeout: 5000 }).toBeGreaterThan(700);
  answer.resolve({ status: "ok" });
  expect(await waiting).toEqual({ status: "ok" });
});

test("after close nothing answers and the socket is gone", async () => {
  const { folder, server } = await serve();
  await server.close();
  await expect(new ControlClient(folder).status()).rejects.toMatchObject({ code: "NOT_RUNNING" });
});

test("check sends run to the subject, and passes on what it gives", async () => {
  const sent: unknown[] = [];
  const { folder } = await serve({
    commands: {
      async send(subject, name, options) {
        sent.push([subject, name, options?.source]);
        return { status: "critical", state: "BAD", message: "broken", measures: {}, durationMs: 12 } as Json;
      },
    },
  });
  const report = await new ControlClient(folder).check("promise/x", { source: "promises" });
  expect(report).toMatchObject({ status: "critical", durationMs: 12 });
  expect(sent).toEqual([["promise/x", "run", "promises"]]);
});

test("a refusal keeps its code and message", async () => {
  const { folder } = await serve();
  await expect(new ControlClient(folder).check("promise/none")).rejects.toMatchObject({
    code: "COMMAND_UNKNOWN",
    message: "no source answers run for promise/none",
  });
});

test("a client that goes aborts what it asked for", async () => {
  const aborted = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const { folder } = await serve({
    commands: {
      send: (_subject, _name, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => {
            aborted.resolve();
            reject(options.signal?.reason);
          });
          started.resolve();
        }),
    },
  });
  const leave = new AbortController();
  const check = new ControlClient(folder).check("promise/slow", { signal: leave.signal });
  check.catch(() => {});
  await started.promise;
  leave.abort();
  await aborted.promise;
});

test("tap streams what matches by subject, type or source, and tells of gaps", async () => {
  const items: StreamItem[] = [
    {
      kind: "events",
      events: [envelope(1, "promise/a", "promise.failed"), envelope(2, "vim/b", "vim.unreachable")],
      token: "e-2",
    },
    { kind: "gap", reason: "pruned" },
    { kind: "events", events: [envelope(3, "promise/c", "promise.recovered")], token: "e-3" },
  ];
  const { folder } = await serve({
    async *events() {
      yield* items;
    },
  });
  const read = async (glob?: string) => {
    const lines: string[] = [];
    for await (const line of new ControlClient(folder).tap(glob, new AbortController().signal))
      lines.push("gap" in line ? `gap ${line.gap}` : String(line.envelope.seq));
    return lines;
  };
  expect(await read()).toEqual(["1", "2", "gap pruned", "3"]);
  expect(await read("promise/*")).toEqual(["1", "gap pruned", "3"]);
  expect(await read("vim.*")).toEqual(["2", "gap pruned"]);
});

test("tap asks for own health and descriptions only where the glob names them", async () => {
  const filters: unknown[] = [];
  const { folder } = await serve({
    async *events(options) {
      filters.push(options?.filter);
      yield* [] as StreamItem[];
    },
  });
  for (const glob of ["lifeguard.*", "subject.described", "promise.*"])
    for await (const _ of new ControlClient(folder).tap(glob, new AbortController().signal));
  expect(filters).toEqual([{ types: ["lifeguard.*"] }, { types: ["subject.described"] }, {}]);
});

test("a tap ends with its reader, and with the server", async () => {
  const ended = { count: 0 };
  const { folder, server } = await serve({
    async *events(options) {
      try {
        yield { kind: "events", events: [envelope(1, "promise/a", "promise.failed")], token: "e-1" };
        await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve));
      } finally {
        ended.count++;
      }
    },
  });
  for await (const _ of new ControlClient(folder).tap(undefined, new AbortController().signal)) break;
  await expect.poll(() => ended.count).toBe(1);
  const lines: unknown[] = [];
  for await (const line of new ControlClient(folder).tap(undefined, new AbortController().signal)) {
    lines.push(line);
    void server.close();
  }
  expect(lines).toHaveLength(1);
  await expect.poll(() => ended.count).toBe(2);
});

test("reload and dead letters reach the pipeline", async () => {
  const calls: unknown[] = [];
  const { folder } = await serve({
    reload: async (reason) => {
      calls.push(["reload", reason]);
      return { ok: false, message: "refused", details: "a line" };
    },
    deadLetters: {
      list: (sink) =>
        sink === "files"
          ? [{ id: 4, sink, at: "", reason: "no", attempts: 1, envelope: envelope(1, "a", "b") }]
          : [],
      async replay(sink, ids) {
        calls.push(["replay", sink, ids]);
        return { accepted: 1, refused: 0, left: 0, reason: null };
      },
      async drop(sink, ids) {
        calls.push(["drop", sink, ids]);
        return 2;
      },
    },
    sinkNames: () => ["files", "other"],
  });
  const client = new ControlClient(folder);
  expect(await client.reload()).toEqual({ ok: false, message: "refused", details: "a line" });
  expect((await client.deadLetters()).map(({ id }) => id)).toEqual([4]);
  expect(await client.deadLetters("other")).toEqual([]);
  expect(await client.replay("files", [4])).toMatchObject({ accepted: 1 });
  expect(await client.drop("files")).toEqual({ dropped: 2 });
  expect(calls).toEqual([
    ["reload", "command"],
    ["replay", "files", [4]],
    ["drop", "files", undefined],
  ]);
});

test("silences are listed, begun and ended, and a malformed request is refused", async () => {
  const seen: unknown[] = [];
  const silence = { id: "a", subjects: ["vim/*"], until: "2026-01-01T00:00:00.000Z" } as unknown as Silence;
  const { folder } = await serve({
    silences: {
      list: () => [silence],
      async begin(request) {
        seen.push(request);
        return { ...silence, matches: 3 };
      },
      async end(id, by) {
        seen.push([id, by]);
        throw new LifeguardError("SILENCE_UNKNOWN", `no silence "${id}" holds`);
      },
    },
  });
  const client = new ControlClient(folder);
  expect(await client.silences()).toEqual([silence]);
  const request = { subjects: ["vim/*"], labels: {}, for: 1000, why: "because", by: "ann" };
  expect(await client.silence(request)).toEqual({ ...silence, matches: 3 });
  await expect(client.endSilence("b", "ann")).rejects.toMatchObject({ code: "SILENCE_UNKNOWN" });
  expect(seen).toEqual([request, ["b", "ann"]]);
  for (const wrong of [{ subjects: [1] }, { for: "1h" }, { why: 1 }])
    await expect(client.silence({ ...request, ...wrong } as never)).rejects.toMatchObject({
      code: "CONTROL_REQUEST",
    });
  await expect(client.endSilence("", "")).rejects.toMatchObject({ code: "CONTROL_REQUEST" });
});
