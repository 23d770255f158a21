import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { EPOCH, type Running, startWeb, state, World } from "./context.ts";

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
  readonly retry?: string;
}

/** A client that reads the stream as the specification says, and remembers every message. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const answer = await fetch(url, { headers, signal: leave.signal });
  const messages: Message[] = [];
  const ended = (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
      const chunk = decoder.decode(bytes, { stream: true });
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks)
        messages.push(
          Object.fromEntries(
            block.split("\n").map((line) => {
              const [name = "", ...value] = line.split(": ");
              return [name === "" || name === ":" ? "comment" : name, value.join(": ")];
            }),
          ),
        );
    }
  })().catch(() => {});
  return {
    status: answer.status,
    headers: answer.headers,
    messages,
    events: () => messages.filter(({ event, data }) => event === undefined && data !== undefined),
    texts: () =>
      messages
        .filter(({ event, data }) => event === undefined && data !== undefined)
        .map(({ data = "" }) => JSON.parse(data).event.data.message as string),
    leave: async () => {
      leave.abort();
      await ended;
    },
    ended,
  };
}

const open: { running: Running; world: World }[] = [];
async function serve(world = new World()) {
  world.add(state("promise/kvm"), state("vim/edge", { source: "vims", instance: "vims" }));
  const running = await startWeb(world);
  open.push({ running, world });
  return { world, ...running };
}
afterEach(async () => {
  for (const { running, world } of open.splice(0)) {
    world.stop.abort();
    await running.sink.close();
  }
});

describe("/events", () => {
  it("tells every event as a CloudEvent, with its place and what changed", async () => {
    const { world, url } = await serve();
    const client = await follow(`${url}/events`);
    expect(client.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(client.headers.get("cache-control")).toBe("no-cache");
    await vi.waitFor(() => expect(client.messages).toEqual([{ retry: "2000" }]));
    world.observe("promise/kvm", { status: "critical", message: "bad\nnews" });
    await vi.waitFor(() => expect(client.events()).toHaveLength(1));
    const [{ id, data = "" } = {}] = client.events();
    expect(id).toBe(`${EPOCH}-1`);
    expect(JSON.parse(data)).toMatchObject({
      change: true,
      previous: "ok",
      event: {
        specversion: "1.0",
        source: "/here/promises",
        subject: "promise/kvm",
        data: { message: "bad\nnews" },
      },
    });
    await client.leave();
  });

  it("resumes after the last one that the client saw", async () => {
    const { world, url } = await serve();
    for (const message of ["one", "two", "three"]) world.observe("promise/kvm", { message });
    const byHeader = await follow(`${url}/events`, { "last-event-id": `${EPOCH}-1` });
    const byQuery = await follow(`${url}/events?after=${EPOCH}-2`);
    await vi.waitFor(() => expect(byHeader.texts()).toEqual(["two", "three"]));
    await vi.waitFor(() => expect(byQuery.texts()).toEqual(["three"]));
    world.observe("promise/kvm", { message: "four" });
    await vi.waitFor(() => expect(byHeader.texts()).toEqual(["two", "three", "four"]));
    expect(byHeader.events().map(({ id }) => id)).toEqual([`${EPOCH}-2`, `${EPOCH}-3`, `${EPOCH}-4`]);
    await Promise.all([byHeader.leave(), byQuery.leave()]);
  });

  it.each([`${EPOCH}-1`, "other-1", "nonsense"])(
    "tells a gap after %s, and then all that is true",
    async (after) => {
      const { world, url } = await serve();
      for (let at = 0; at < 450; at++)
        world.add(
          state(`promise/many-${at}`, {
            description: { resources: [{ name: "x", path: "/private/path", public: false }] },
          }),
        );
      for (const message of ["one", "two", "three"]) world.observe("promise/kvm", { message });
      world.pruned = 2;
      const client = await follow(`${url}/events`, { "last-event-id": after });
      await vi.waitFor(() => expect(client.messages.at(-1)?.id).toBe(`${EPOCH}-3`));
      const [, gap, ...parts] = client.messages;
      expect(gap?.event).toBe("gap");
      expect(JSON.parse(gap?.data ?? "").reason).not.toBe("");
      expect(parts.every(({ event }) => event === "snapshot")).toBe(true);
      const snapshot = parts.map(({ data = "" }) => JSON.parse(data));
      expect(snapshot.flatMap(({ subjects }) => subjects)).toHaveLength(452);
      expect(snapshot.map(({ complete }) => complete)).toEqual([false, false, true]);
      // Only the end of the snapshot is a place to resume from.
      expect(parts.map(({ id }) => id)).toEqual([undefined, undefined, `${EPOCH}-3`]);
      expect(JSON.stringify(parts)).not.toContain("/private/path");
      world.observe("promise/kvm", { message: "after" });
      await vi.waitFor(() => expect(client.texts()).toEqual(["after"]));
      await client.leave();
    },
  );

  it("follows one instance, or what the query asks for", async () => {
    const { world, url } = await serve();
    const vims = await follow(`${url}/m/vims/events`);
    const changes = await follow(`${url}/events?on=change&subjects=promise/*`);
    const bad = await follow(`${url}/events?status=critical`);
    world.observe("promise/kvm", { message: "same" });
    world.observe("promise/kvm", { status: "critical", message: "worse" });
    world.observe("vim/edge", { message: "vim" });
    world.observe("vim/edge", { status: "warning", message: "vim worse" });
    await vi.waitFor(() => expect(vims.texts()).toEqual(["vim", "vim worse"]));
    await vi.waitFor(() => expect(changes.texts()).toEqual(["worse"]));
    await vi.waitFor(() => expect(bad.texts()).toEqual(["worse"]));
    // What was left out is behind the client all the same.
    await vi.waitFor(() => expect(bad.messages.at(-1)).toEqual({ id: `${EPOCH}-4` }));
    for (const query of ["types=****", `types=${"x".repeat(2000)}`, "types=a&".repeat(20)])
      expect((await follow(`${url}/events?${query}`)).status).toBe(400);
    expect((await follow(`${url}/m/nothing/events`)).status).toBe(404);
    await Promise.all([vims.leave(), changes.leave(), bad.leave()]);
  });

  it("tells that a description is new, and keeps the paths in it to itself", async () => {
    const { world, url } = await serve();
    const client = await follow(`${url}/events?types=*&types=subject.*`);
    world.observe("promise/kvm", {
      type: "subject.described",
      data: { resources: [{ name: "x", path: "/private/path", public: false }] },
    });
    await vi.waitFor(() => expect(client.events()).toHaveLength(1));
    expect(client.events()[0]?.data).toContain("subject.described");
    expect(client.events()[0]?.data).not.toContain("/private/path");
    await client.leave();
  });

  it("tells many at once, the first without delay, and each client only what it has not seen", async () => {
    const clock = new FakeClock();
    const { world, url } = await serve(new World(clock));
    world.observe("promise/kvm", { message: "before" });
    const clients = await Promise.all(
      [0, 1, 0, 1].map((seq) => follow(`${url}/events?after=${EPOCH}-${seq}`)),
    );
    const missed = ["before", undefined, "before", undefined].map((text) => (text ? [text] : []));
    await vi.waitFor(() => expect(clients.map((client) => client.texts())).toEqual(missed));
    world.observe("promise/kvm", { message: "first" });
    await vi.waitFor(() => expect(clients.every((client) => client.texts().at(-1) === "first")).toBe(true));
    for (const message of ["second", "third"]) world.observe("promise/kvm", { message });
    const late = await follow(`${url}/events?after=${EPOCH}-3`);
    await vi.waitFor(() => expect(late.messages).toHaveLength(1));
    await clock.advance(100);
    await vi.waitFor(() =>
      expect([...clients, late].map((client) => client.texts())).toEqual([
        ...missed.map((texts) => [...texts, "first", "second", "third"]),
        ["third"],
      ]),
    );
    world.observe("promise/kvm", { message: "last" });
    await clock.advance(100);
    await vi.waitFor(() =>
      expect([...clients, late].every((client) => client.texts().at(-1) === "last")).toBe(true),
    );
    expect(late.events().map(({ id }) => id)).toEqual([`${EPOCH}-4`, `${EPOCH}-5`]);
    await Promise.all([...clients, late].map((client) => client.leave()));
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(0));
  });

  it("tells only that something happened to who asks for pulses", async () => {
    const { world, url } = await serve();
    const client = await follow(`${url}/events?pulse`);
    for (const message of ["one", "two"]) world.observe("promise/kvm", { message });
    await vi.waitFor(() => expect(client.messages.at(-1)).toEqual({ id: `${EPOCH}-2`, data: "{}" }));
    await client.leave();
  });

  it("gives a sign of life every 15 s", async () => {
    const clock = new FakeClock();
    const { url } = await serve(new World(clock));
    // The page looks for a history now and then.
    const before = clock.pending;
    const client = await follow(`${url}/events`);
    await clock.advance(14_999);
    expect(client.messages.filter(({ comment }) => comment)).toEqual([]);
    for (const beats of [1, 2, 3]) {
      await clock.advance(beats === 1 ? 1 : 15_000);
      await vi.waitFor(() => expect(client.messages.filter(({ comment }) => comment)).toHaveLength(beats));
    }
    await client.leave();
    await vi.waitFor(async () => {
      await clock.advance(15_000);
      expect(clock.pending).toBe(before);
    });
  });

  it("turns other sites away, and who comes when all places are taken", async () => {
    const { world, url } = await serve();
    expect((await follow(`${url}/events`, { origin: "http://evil.example" })).status).toBe(403);
    const clients = await Promise.all(Array.from({ length: 100 }, () => follow(`${url}/events`)));
    expect(world.gauges.get("web_event_clients")).toBe(100);
    const one = await follow(`${url}/events`);
    expect(one.status).toBe(503);
    expect(one.headers.get("retry-after")).toBe("10");
    world.observe("promise/kvm", { message: "to all" });
    await vi.waitFor(() => expect(clients.every((client) => client.texts().length === 1)).toBe(true));
    await Promise.all(clients.map((client) => client.leave()));
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(0));
    const again = await follow(`${url}/events`);
    expect(again.status).toBe(200);
    await again.leave();
  });

  it("answers HEAD without a stream", async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/events`, { method: "HEAD" });
    expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
  });

  it("neither buffers for a client that does not read nor keeps it for ever", async () => {
    const clock = new FakeClock();
    const { world, url } = await serve(new World(clock));
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(`GET /events?after=${EPOCH}-0 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    socket.pause();
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const message = "x".repeat(100_000);
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 400; at++) world.observe("promise/kvm", { message });
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(1));
    // The journal holds 40 MB for it; on our side of the socket is what one event and the system's buffers take.
    await vi.waitFor(() => expect(clock.pending).toBeGreaterThanOrEqual(3));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    const fast = await follow(`${url}/events?after=${EPOCH}-399`);
    await vi.waitFor(() => expect(fast.texts()).toHaveLength(1));
    await clock.advance(60_000);
    socket.resume();
    await closed;
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(1));
    await fast.leave();
  });
});
