import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { pagerduty } from "../../../../src/sinks/notify/presets/pagerduty.ts";
import { plain } from "../../../../src/sinks/notify/presets/plain.ts";
import { retryAfter } from "../../../../src/sinks/notify/retry-after.ts";
import { type WebhookOptions, webhookTarget } from "../../../../src/sinks/notify/targets/webhook.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";
import { change, tellingOf } from "./told.ts";

const never = new AbortController().signal;
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Request {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A receiver on loopback that answers as told, and what it got. */
async function receiver(answer: (response: ServerResponse, request: Request) => void) {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const got = { method: request.method, headers: request.headers, body };
    requests.push(got);
    answer(response, got);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { requests, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`) };
}

function target(url: URL, more: Partial<WebhookOptions> = {}, clock = systemClock) {
  return webhookTarget(
    { url, method: "POST", headers: {}, ca: undefined, timeout: 5000, preset: plain(undefined), ...more },
    clock,
  );
}

function answerWith(status: number, headers: Record<string, string> = {}, body = "") {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body);
}

describe("a webhook", () => {
  test("is given JSON with the message's id as its idempotency key, and the headers it wants", async () => {
    const { requests, url } = await receiver(answerWith(202));
    const telling = tellingOf([change()]);
    const to = target(url, {
      method: "PUT",
      headers: { authorization: "Bearer x", "content-type": "text/json" },
    });
    expect(await to.tell(telling, null, never)).toEqual({ kind: "told" });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: "PUT",
      headers: {
        "idempotency-key": telling.id,
        authorization: "Bearer x",
        "content-type": "text/json",
        "user-agent": "lifeguard",
      },
    });
    expect(JSON.parse(requests[0]?.body ?? "")).toMatchObject({ id: telling.id, kind: "down" });
  });

  test.each([
    [200, "told"],
    [204, "told"],
    [400, "refused"],
    [413, "refused"],
    [422, "refused"],
    [401, "failed"],
    [404, "failed"],
    [408, "failed"],
    [425, "failed"],
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
  ])("that answers %i makes the message %s", async (status, kind) => {
    const { url } = await receiver(answerWith(status, {}, "because"));
    const outcome = await target(url).tell(tellingOf([change()]), null, never);
    expect(outcome.kind).toBe(kind);
    if (outcome.kind !== "told") expect(outcome.reason).toBe(`answered ${status}: because`);
  });

  test("is asked again when it wants to be", async () => {
    const { url } = await receiver(answerWith(503, { "retry-after": "120" }));
    expect(await target(url).tell(tellingOf([change()]), null, never)).toMatchObject({ retryAfter: 120_000 });
  });

  test("that redirects is not followed: neither message nor headers go elsewhere", async () => {
    const other = await receiver(answerWith(200));
    const { url } = await receiver(answerWith(307, { location: `${other.url}?secret=1` }));
    const outcome = await target(url).tell(tellingOf([change()]), null, never);
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining(other.url.host) });
    expect(JSON.stringify(outcome)).not.toContain("secret");
    expect(other.requests).toEqual([]);
  });

  test("that says nothing is given up at the time-out", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url } = await receiver(() => arrived.resolve());
    const clock = new FakeClock();
    const outcome = target(url, {}, clock).tell(tellingOf([change()]), null, never);
    await arrived.promise;
    await clock.advance(5000);
    expect(await outcome).toEqual({ kind: "failed", reason: "no answer within 5000 ms" });
    expect(clock.pending).toBe(0);
  });

  test("that answers without end is not read to the end", async () => {
    const { url } = await receiver((response) => {
      response.writeHead(500);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    const outcome = await target(url).tell(tellingOf([change()]), null, never);
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });

  test("that is not there, or cannot be trusted, is a failure that may pass", async () => {
    const { url } = await receiver(answerWith(200));
    for (const server of servers.splice(0)) server.close();
    expect(await target(url).tell(tellingOf([change()]), null, never)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("ECONNREFUSED"),
    });
    const missing = target(new URL("https://127.0.0.1:1/"), { ca: "/nowhere/ca.pem" });
    expect(await missing.tell(tellingOf([change()]), null, never)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("/nowhere/ca.pem"),
    });
  });

  test("lets go at once when the sink stops", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url } = await receiver(() => arrived.resolve());
    const stop = new AbortController();
    const outcome = target(url).tell(tellingOf([change()]), null, stop.signal);
    await arrived.promise;
    stop.abort();
    expect((await outcome).kind).toBe("failed");
  });

  test("is reached through a proxy where the environment names one, but not on this machine", async () => {
    const proxied: (string | undefined)[] = [];
    const proxy = createServer((request, response) => {
      proxied.push(request.url);
      response.end("ok");
    });
    servers.push(proxy);
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("NO_PROXY", "");
    try {
      const { url, requests } = await receiver(answerWith(200));
      const telling = tellingOf([change()]);
      expect(await target(new URL("http://hooks.example/x")).tell(telling, null, never)).toEqual({
        kind: "told",
      });
      expect(await target(url).tell(telling, null, never)).toEqual({ kind: "told" });
      expect(proxied).toEqual(["http://hooks.example/x"]);
      expect(requests).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("its name shows no path, which may be a key", () => {
    expect(target(new URL("https://hooks.slack.com/services/T/B/key")).name).toBe("https://hooks.slack.com");
  });

  test("two requests of one message have keys of their own", async () => {
    const { requests, url } = await receiver(answerWith(202));
    const test = { ...tellingOf([change()]), kind: "test" as const };
    const items = test.items.map((item) => ({ ...item, kind: "test" as const }));
    await target(url, { preset: pagerduty("k") }).tell({ ...test, items }, null, never);
    expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(2);
  });
});

test("Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-01-31T10:00:00Z");
  expect(retryAfter("30", now)).toBe(30_000);
  expect(retryAfter("Sat, 31 Jan 2026 10:01:00 GMT", now)).toBe(60_000);
  expect(retryAfter("Sat, 31 Jan 2026 09:00:00 GMT", now)).toBe(0);
  expect(retryAfter("soon", now)).toBeUndefined();
  expect(retryAfter(undefined, now)).toBeUndefined();
});
