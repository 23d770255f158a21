import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { defineSource, type Status, z } from "../../../../src/plugin/index.ts";
import notify from "../../../../src/sinks/notify/index.ts";
import { FakeClock, Harness, type HarnessOptions } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A source that says of one subject what it is told to. */
function saying(subject: string) {
  let say: (status: Status) => Promise<unknown> = async () => {};
  const definition = defineSource({
    name: "saying",
    summary: "Says what a test says",
    config: z.object({}),
    events: ["saying.said"],
    start(_, ctx) {
      say = (status) => ctx.accept([{ type: "saying.said", subject, status, message: status }]);
    },
  });
  return { definition, say: (status: Status) => say(status) };
}

/** The whole core around the sink, on a clock that the test moves, and a receiver of its webhook. */
async function world() {
  const news: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    for (const { subject, kind } of JSON.parse(body).items) news.push(`${subject} ${kind}`);
    response.end();
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = {
    webhook: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    group_wait: "0ms",
    repeat: "1h",
  };
  const clock = new FakeClock();
  /** Lets time pass until something holds; the journal writes in a thread of its own, at its own pace. */
  const passUntil = (holds: () => boolean) =>
    expect
      .poll(async () => {
        await clock.advance(50);
        return holds();
      })
      .toBe(true);
  const start = (options: Partial<HarnessOptions> = {}, from = {}) =>
    Harness.start({ clock, ...options, sinks: { alarms: { definition: notify, config, from } } });
  return { news, clock, passUntil, start, sinks: { alarms: { definition: notify, config } } };
}

describe("the sink notify in the whole core", () => {
  test("tells the end of an episode that its subscription leaves out, as the board knows it", async () => {
    const { news, clock, passUntil, start } = await world();
    const source = saying("svc/a");
    await using harness = await start({ sources: { one: source } }, { status: ["critical"] });
    await source.say("critical");
    await passUntil(() => news.length === 1);
    await source.say("ok");
    await clock.advance(1000);
    expect(news).toEqual(["svc/a down"]);
    await clock.advance(30_000);
    await passUntil(() => news.length === 2);
    expect(news).toEqual(["svc/a down", "svc/a recovered"]);
    expect(harness.pipeline.books().get("alarms")?.filtered).toBeGreaterThan(0);
  });

  test("says nothing more about a subject whose source has left the configuration", async () => {
    const { news, clock, passUntil, start, sinks } = await world();
    const source = saying("svc/a");
    await using harness = await start({ sources: { one: source } });
    await source.say("critical");
    await passUntil(() => news.length === 1);
    await harness.apply({ sinks });
    await passUntil(() => harness.board.find("svc/a").length === 0);
    await clock.advance(60_000);
    await clock.advance(5 * 3_600_000);
    expect(news).toEqual(["svc/a down"]);
  });

  test("tells nothing again after a restart of the sink, or of everything; a stale episode still stands", async () => {
    const { news, clock, passUntil, start } = await world();
    using folder = temporaryFolder();
    const source = saying("svc/a");
    const options = { sources: { one: source }, dataDirectory: folder.path };
    const first = await start(options);
    await source.say("critical");
    await passUntil(() => news.length === 1);
    await first.pipeline.engine.supervisor.restart("sink/alarms", "the test asks for it");
    await clock.advance(60_000);
    await first.stop();
    await using second = await start(options);
    await clock.advance(60_000);
    expect(second.board.find("svc/a")[0]?.stale).not.toBeNull();
    expect(news).toEqual(["svc/a down"]);
    await clock.advance(3_600_000);
    await passUntil(() => news.length === 2);
    expect(news).toEqual(["svc/a down", "svc/a reminder"]);
    await source.say("ok");
    await passUntil(() => news.length === 3);
    expect(news[2]).toBe("svc/a recovered");
  });

  test("shows on its health that nobody answers, and that it is over", async () => {
    const { news, passUntil, start } = await world();
    const source = saying("svc/a");
    await using harness = await start({ sources: { one: source } });
    const health = () => harness.pipeline.health.components().find(({ id }) => id === "sink/alarms");
    const [server] = servers as [Server];
    const { port } = server.address() as AddressInfo;
    server.close();
    await source.say("critical");
    await passUntil(() => health()?.state === "recoverable");
    expect(health()?.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
    server.listen(port, "127.0.0.1");
    await passUntil(() => health()?.state === "ok");
    expect(news).toEqual(["svc/a down"]);
  });
});
