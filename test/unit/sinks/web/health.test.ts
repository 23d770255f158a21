import { describe, expect, it } from "vitest";
import { useWeb } from "./harness.ts";

const web = useWeb();
const { world } = web;

describe("for machines", () => {
  it("/livez answers as long as the process does", async () => {
    world.isReady = false;
    expect((await web.ask("/livez")).status).toBe(200);
  });

  it("/readyz says how every component is, and 503 while one is not ready", async () => {
    world.components = [
      {
        id: "source/x",
        kind: "source",
        state: "recoverable",
        status: "warning",
        message: "no route",
        since: "now",
      },
    ];
    world.configError = "monitors.yaml:1:1 CFG001";
    world.isReady = false;
    const bad = await web.ask("/readyz");
    expect(bad.status).toBe(503);
    expect(bad.headers["content-type"]).toMatch(/^application\/json/);
    expect(JSON.parse(bad.text)).toEqual({
      status: "not ready",
      config_error: world.configError,
      components: world.components,
    });
    world.isReady = true;
    expect((await web.ask("/readyz")).status).toBe(200);
  });

  it("/metrics is the text of Prometheus", async () => {
    const { headers, text } = await web.ask("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toContain("lifeguard_up 1");
  });
});
