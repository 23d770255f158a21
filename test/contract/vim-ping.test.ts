import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sourceContract } from "lifeguard/testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
import vimPing from "../../src/sources/vim-ping/index.ts";

const server = createServer((_request, response) => response.writeHead(300).end());
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const cannotMeasure = () => ({
  interval: "100ms",
  vims: [{ name: "nowhere", auth_url: "https://no-such-host.invalid:5000/v3" }],
});

// Whether or not echo requests are permitted here: what cannot be measured is an event, too.
describe("the source vim-ping keeps the contract", () => {
  const checks = sourceContract({
    definition: vimPing,
    config: () => ({
      interval: "100ms",
      vims: [
        { name: "here", auth_url: "http://127.0.0.7:5000/v3" },
        { name: "there", auth_url: "https://[::1]:5000/v3" },
      ],
    }),
    cannotMeasure,
  });
  for (const { name, run } of checks) test(name, run, 30_000);
});

describe("the source vim-ping keeps the contract where it asks by HTTP", () => {
  const checks = sourceContract({
    definition: vimPing,
    config: () => ({
      interval: "50ms",
      probe: "http",
      fail_after: 1,
      report: "100ms",
      vims: [{ name: "here", auth_url: `http://127.0.0.1:${port}/v3` }],
    }),
    disturb() {
      const answer = server.listeners("request")[0] as (...args: unknown[]) => void;
      server.removeAllListeners("request");
      server.on("request", (request) => request.destroy());
      return () => {
        server.removeAllListeners("request");
        server.on("request", answer);
      };
    },
  });
  for (const { name, run } of checks.filter(({ name }) => name !== "describes every option"))
    test(name, run, 30_000);
});
