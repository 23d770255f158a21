import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { type Asked, Proxies } from "../../../../../src/sinks/web/net/proxies.ts";

const asked = (peer: string, headers: IncomingHttpHeaders, encrypted = false) =>
  ({ headers, socket: { remoteAddress: peer, encrypted } }) as unknown as Asked;
const ours = ["own", "localhost", "status.example.org"];
const proxies = new Proxies(["127.0.0.0/8", "10.1.0.0/16", "fd00::/8"], (name) => ours.includes(name));

describe("what a proxy says", () => {
  it.each([
    ["127.0.0.1", "203.0.113.1", "203.0.113.1"],
    ["127.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"],
    ["127.0.0.1", "6.6.6.6, 203.0.113.1, 10.1.2.3", "203.0.113.1"],
    ["::ffff:10.1.0.9", "::ffff:203.0.113.1", "203.0.113.1"],
    ["fd00::1", "2001:db8::1", "2001:db8::1"],
    ["127.0.0.1", "10.1.0.1", "127.0.0.1"],
    ["127.0.0.1", "unknown", "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
  ])("of the client is believed: %s says %j", (peer, forwarded, client) => {
    expect(proxies.client(asked(peer, { "x-forwarded-for": forwarded }))).toBe(client);
  });

  it.each(["203.0.113.9", "10.2.0.1", "2001:db8::9"])("is not believed of anybody else: %s", (peer) => {
    const request = asked(peer, {
      host: "own",
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
    });
    expect(proxies.client(request)).toBe(peer);
    expect(proxies.host(request)).toBe("own");
    expect(proxies.scheme(request)).toBe("http");
  });

  it("is the name and the scheme that were asked for", () => {
    const told = {
      host: "127.0.0.1:8080",
      "x-forwarded-host": "status.example.org",
      "x-forwarded-proto": "https",
    };
    expect(proxies.host(asked("127.0.0.1", told))).toBe("status.example.org");
    expect(proxies.scheme(asked("127.0.0.1", told))).toBe("https");
    expect(proxies.host(asked("127.0.0.1", { host: "localhost" }))).toBe("localhost");
    expect(proxies.host(asked("127.0.0.1", { host: "own", "x-forwarded-host": "evil.example" }))).toBe("own");
    expect(proxies.scheme(asked("127.0.0.1", { "x-forwarded-proto": "javascript" }))).toBe("http");
    expect(proxies.scheme(asked("203.0.113.9", {}, true))).toBe("https");
  });
});
