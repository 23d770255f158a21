import { describe, expect, it } from "vitest";
import { state, World } from "../context.ts";
import { useWeb } from "../harness.ts";

const world = new World();
world.add(state("promise/kvm", { description: { commands: ["run"] } }));
const web = useWeb(world, { hosts: ["status.example.org"], base_url: "https://public.example.org/x/" });
const post = async (headers: Record<string, string>) =>
  (await web.ask("/cgi-bin/monitor-run-promise.cgi?service=kvm", { method: "POST", headers })).status;

describe("a page's own origin", () => {
  it.each([
    ["that of base_url", { origin: "https://public.example.org" }],
    [
      "that of base_url, whatever the proxy passes on",
      { origin: "https://public.example.org", "x-forwarded-host": "a" },
    ],
    [
      "the name that was asked for",
      { host: "status.example.org:80", origin: "http://status.example.org:80" },
    ],
    [
      "what a proxy says was asked for",
      {
        origin: "https://status.example.org",
        "x-forwarded-host": "status.example.org",
        "x-forwarded-proto": "https",
        "sec-fetch-site": "same-origin",
      },
    ],
    ["none, where it is no page", {}],
  ])("is %s", async (_what, headers) => {
    expect(await post(headers as Record<string, string>)).toBe(204);
  });

  it.each([
    ["base_url's host with another scheme", { origin: "http://public.example.org" }],
    ["base_url's host with another port", { origin: "https://public.example.org:8443" }],
    ["base_url with its path", { origin: "https://public.example.org/x/" }],
    ["a name of ours that was not asked for", { origin: "http://status.example.org" }],
    [
      "what a proxy says was asked for, of another scheme",
      {
        origin: "http://status.example.org",
        "x-forwarded-host": "status.example.org",
        "x-forwarded-proto": "https",
      },
    ],
    [
      "what a proxy says was asked for, where that is no name of ours",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
    ],
    ["nothing that can be named", { origin: "null" }],
    ["two", { origin: "https://public.example.org, https://evil.example" }],
  ])("is not %s", async (_what, headers) => {
    expect(await post(headers as Record<string, string>)).toBe(403);
  });
});
