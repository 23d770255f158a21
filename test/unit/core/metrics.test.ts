import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MetricsRegistry } from "../../../src/core/metrics.ts";

let registry: MetricsRegistry;
beforeEach(() => {
  registry = new MetricsRegistry();
});
afterEach(() => registry.close());

/** The value of the only series whose line begins so; undefined where there is none. */
async function value(series: string): Promise<number | undefined> {
  const line = (await registry.text()).split("\n").find((text) => text.startsWith(series));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

describe("metrics", () => {
  test("carry the prefix, the component's kind and its name", async () => {
    registry
      .forComponent("sink", "web")
      .counter({ name: "requests_total", help: "r", labels: ["method"] })
      .add(2, { method: "GET" });
    expect(await registry.text()).toContain(
      'lifeguard_requests_total{method="GET",component="sink",instance="web"} 2',
    );
  });

  test("two components share a metric, not a series", async () => {
    for (const [kind, amount] of [
      ["source", 1],
      ["sink", 5],
    ] as const)
      registry.forComponent(kind, "kafka").counter({ name: "sent_total", help: "s" }).add(amount);
    expect(await value('lifeguard_sent_total{component="source",instance="kafka"}')).toBe(1);
    expect(await value('lifeguard_sent_total{component="sink",instance="kafka"}')).toBe(5);
  });

  test("declaring the same name again gives the same metric", async () => {
    const metrics = registry.forComponent("source", "a");
    metrics.counter({ name: "n_total", help: "n" }).add();
    metrics.counter({ name: "n_total", help: "n" }).add();
    expect(await value("lifeguard_n_total{")).toBe(2);
  });

  test("a component's series end with it, and late samples do not bring them back", async () => {
    const metrics = registry.forComponent("source", "a");
    const gauge = metrics.gauge({ name: "g", help: "g", labels: ["x"] });
    const histogram = metrics.histogram({ name: "h_seconds", help: "h", buckets: [1, 2] });
    gauge.set(1, { x: "1" });
    histogram.observe(1.5);
    registry
      .forComponent("source", "b")
      .gauge({ name: "g", help: "g", labels: ["x"] })
      .set(7, { x: "1" });
    expect(await value('lifeguard_h_seconds_bucket{le="2",component="source",instance="a"}')).toBe(1);

    metrics.remove();
    gauge.set(2, { x: "1" });
    histogram.observe(1);
    expect(await registry.text()).not.toContain('instance="a"');
    expect(await value("lifeguard_g{")).toBe(7);
  });

  test("gauges that cost something are set only when somebody looks, and never after the end", async () => {
    const metrics = registry.forComponent("sink", "a");
    const backlog = metrics.gauge({ name: "backlog", help: "b" });
    let looked = 0;
    metrics.onCollect(() => backlog.set(++looked));
    expect(await value("lifeguard_backlog{")).toBe(1);
    expect(await value("lifeguard_backlog{")).toBe(2);
    metrics.remove();
    await registry.text();
    expect(looked).toBe(2);
  });

  test("a collector that throws does not take the page down", async () => {
    registry.forComponent("sink", "bad").onCollect(() => {
      throw new Error("broken");
    });
    expect(await value("lifeguard_process_resident_memory_bytes{")).toBeGreaterThan(0);
  });

  test.each([
    ["another type", () => registry.forComponent("sink", "b").gauge({ name: "a_total", help: "" })],
    [
      "other labels",
      () => registry.forComponent("sink", "b").counter({ name: "a_total", help: "", labels: ["x"] }),
    ],
    ["a label of core", () => registry.core.counter({ name: "b_total", help: "h", labels: ["instance"] })],
    ["a bad name", () => registry.core.counter({ name: "no spaces", help: "h" })],
  ])("refuses %s with a stable code", (_, declare) => {
    registry.forComponent("sink", "a").counter({ name: "a_total", help: "h" }).add();
    expect(declare).toThrow(expect.objectContaining({ code: "METRIC_INVALID" }));
  });

  test("the process shows its memory, CPU and how late its timers fire", async () => {
    expect(await value("lifeguard_process_cpu_seconds_total{")).toBeGreaterThan(0);
    await registry.text();
    const worst = async () => {
      block(120);
      await nextTurn();
      return value('lifeguard_event_loop_delay_seconds{quantile="1"');
    };
    await expect.poll(worst, { timeout: 5000 }).toBeGreaterThan(0.04);
  });
});

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Lets timers have their turn, whose delay is what is measured: it is no wait for something. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
