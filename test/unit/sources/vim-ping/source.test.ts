import { LifeguardError } from "lifeguard/plugin";
import { describe, test } from "vitest";
import { Network } from "./scripted-pinger.ts";
import { runVims, stateOf } from "./vim-source.ts";

const vims = [
  { name: "edge-1", auth_url: "https://192.0.2.7:5000/v3" },
  { name: "edge-2", auth_url: "http://[2001:db8::7]:6443" },
];

const quick = { interval: "60ms", timeout: "20ms" };

describe.concurrent("vim-ping", () => {
  test("gives each VIM a monitor of its own, and says REACHABLE once it answers", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, { ...quick, vims });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
    await expect.poll(() => stateOf(harness, "vim/edge-2")).toBe("REACHABLE");
    const monitors = harness.pipeline.engine.monitors.list();
    expect(monitors.map(({ subject }) => subject)).toEqual(["vim/edge-1", "vim/edge-2"]);
    expect(new Set(monitors.map(({ id }) => id)).size).toBe(2);
    expect([...network.pinger.targets.values()].map(({ address }) => address)).toEqual([
      "192.0.2.7",
      "2001:db8::7",
    ]);
    expect(harness.events({ types: ["vim.registered"] })).toHaveLength(2);
    const row = harness.board.find("vim/edge-1")[0];
    expect(row?.event).toMatchObject({
      type: "vim.reachable",
      status: "ok",
      message: "192.0.2.7 answers in 0.5 ms",
      measures: { rtt: { value: 0.5, unit: "ms" } },
      data: { vim: "edge-1", host: "192.0.2.7", address: "192.0.2.7", probe: "icmp" },
    });
    expect(row?.description).toMatchObject({ title: "edge-1", commands: ["run"], group: "VIMs" });
  });

  test("is PENDING before the first result", async ({ expect }) => {
    const network = new Network();
    network.letAll("wedged");
    await using harness = await runVims(network, { interval: "10s", vims });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("PENDING");
    expect(harness.board.find("vim/edge-1")[0]?.status).toBe("unknown");
  });

  test("needs several misses for UNREACHABLE, says why, and one answer for REACHABLE, in one episode", async ({
    expect,
  }) => {
    const network = new Network();
    await using harness = await runVims(network, { ...quick, interval: "2s", vims: vims.slice(0, 1) });
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 5000 }).toBe("REACHABLE");
    const began = performance.now();
    network.let("192.0.2.7", { reason: "host unreachable from 192.0.2.1" });
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 5000 }).toBe("UNREACHABLE");
    // One interval at most until the first miss, and then three timeouts; without hurry it would be three intervals.
    expect(performance.now() - began).toBeLessThan(2 * 2000);
    const down = harness.board.find("vim/edge-1")[0]?.event;
    expect(down).toMatchObject({
      type: "vim.unreachable",
      status: "critical",
      message: "192.0.2.7 does not answer: host unreachable from 192.0.2.1",
      data: { reason: "host unreachable from 192.0.2.1" },
    });
    network.letAll("answers");
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 5000 }).toBe("REACHABLE");
    const changes = harness.events({ types: ["vim.*"], on: "change" });
    expect(changes.map(({ event }) => event.type)).toEqual(["vim.unreachable", "vim.reachable"]);
    expect(changes[1]?.episode).toBe(changes[0]?.event.id);
  });

  test("stays PENDING until misses are confirmed, and then says nothing but UNREACHABLE", async ({
    expect,
  }) => {
    const network = new Network();
    network.letAll("silent");
    await using harness = await runVims(network, {
      interval: "3s",
      timeout: "150ms",
      vims: vims.slice(0, 1),
    });
    await expect.poll(() => network.pinger?.asked.length, { timeout: 5000 }).toBe(2);
    expect(stateOf(harness, "vim/edge-1")).toBe("PENDING");
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 5000 }).toBe("UNREACHABLE");
    expect(network.pinger.asked).toHaveLength(3);
    expect(harness.events({ types: ["vim.*"], on: "change" })).toHaveLength(1);
  });

  test("a single miss changes nothing", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, { ...quick, vims: vims.slice(0, 1) });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
    for (let times = 0; times < 3; times++) {
      network.loseNext("192.0.2.7");
      const asked = network.pinger.asked.length;
      await expect.poll(() => network.pinger.asked.length).toBeGreaterThan(asked + 3);
    }
    expect(harness.events({ types: ["vim.unreachable"] })).toEqual([]);
  });

  test.for(["privilege", "backend", "stall", "own-network"] as const)(
    "what %s spoils is unknown",
    async (why, { expect }) => {
      const network = new Network();
      network.letAll(why);
      await using harness = await runVims(network, { ...quick, vims: vims.slice(0, 1) });
      await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNKNOWN");
      expect(harness.board.find("vim/edge-1")[0]?.event).toMatchObject({
        type: "vim.unknown",
        status: "unknown",
        data: { error: why },
      });
    },
  );

  test("another reason for being unknown is told, too", async ({ expect }) => {
    const network = new Network();
    network.letAll("stall");
    await using harness = await runVims(network, { ...quick, vims: vims.slice(0, 1) });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNKNOWN");
    network.letAll("own-network");
    const error = () =>
      (harness.board.find("vim/edge-1")[0]?.event?.data as { error?: string } | undefined)?.error;
    await expect.poll(error, { timeout: 8000 }).toBe("own-network");
    expect(harness.events({ types: ["vim.unknown"] })).toHaveLength(2);
  });

  test("a name that does not resolve is unknown, and the others are unaffected", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, {
      ...quick,
      vims: [...vims, { name: "nowhere", auth_url: "https://no-such-host.invalid/v3" }],
    });
    await expect.poll(() => stateOf(harness, "vim/nowhere"), { timeout: 12_000 }).toBe("UNKNOWN");
    expect(harness.board.find("vim/nowhere")[0]?.event?.data).toMatchObject({ error: "dns" });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
  });

  test("localhost is asked at its addresses, and one that answers is enough", async ({ expect }) => {
    const network = new Network();
    network.let("::1", "silent");
    network.let("127.0.0.1", "answers");
    await using harness = await runVims(network, {
      ...quick,
      vims: [{ name: "here", auth_url: "http://localhost:5000/v3" }],
    });
    await expect.poll(() => stateOf(harness, "vim/here")).toBe("REACHABLE");
    network.letAll("silent");
    await expect.poll(() => stateOf(harness, "vim/here")).toBe("UNREACHABLE");
  });

  test("a monitor that is wedged is deleted with the reason, and made anew while its VIM exists", async ({
    expect,
  }) => {
    const network = new Network();
    await using harness = await runVims(network, {
      ...quick,
      vims: vims.slice(0, 1),
    });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
    network.letAll("wedged");
    const deleted = () => harness.events({ types: ["vim.monitor_deleted"] });
    await expect.poll(() => deleted().length, { timeout: 12_000 }).toBe(1);
    expect(deleted()[0]?.event.data).toMatchObject({ reason: expect.stringContaining("no beat for") });
    expect(harness.board.find("vim/edge-1")[0]).toMatchObject({ status: "unknown" });
    network.letAll("answers");
    await expect.poll(() => harness.board.find("vim/edge-1")[0]?.status, { timeout: 12_000 }).toBe("ok");
    expect(harness.pipeline.engine.monitors.list()).toHaveLength(1);
    expect(network.pinger.targets.size).toBe(1);
  }, 30_000);

  test("a pinger that says nothing at all is started anew: no monitor is deleted for it", async ({
    expect,
  }) => {
    const network = new Network();
    const many = Array.from({ length: 40 }, (_, index) => ({
      name: `many-${index}`,
      auth_url: `https://192.0.2.${index + 1}/v3`,
    }));
    await using harness = await runVims(network, { ...quick, vims: many });
    await expect.poll(() => stateOf(harness, "vim/many-39")).toBe("REACHABLE");
    network.letAll("wedged");
    const { asked } = network.pinger;
    const { length } = asked;
    await expect.poll(() => asked.length).toBe(length + 40);
    network.letAll("answers");
    await expect.poll(() => network.pingers.length, { timeout: 12_000 }).toBe(2);
    expect(network.pingers[0]?.closed).toBe(true);
    const reachable = () => harness.board.subjects().filter(({ status }) => status === "ok").length;
    await expect.poll(reachable, { timeout: 12_000 }).toBe(40);
    expect(harness.events({ types: ["vim.monitor_deleted", "vim.unreachable"] })).toEqual([]);
  }, 30_000);

  test("the command run looks once, out of turn", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, { interval: "1h", timeout: "20ms", vims: vims.slice(0, 1) });
    await expect(harness.run("vim/edge-1")).resolves.toMatchObject({ status: "ok", state: "REACHABLE" });
    network.letAll("silent");
    await expect(harness.run("vim/edge-1")).resolves.toMatchObject({ status: "critical" });
    expect(network.pinger.targets.size).toBe(1);
  });

  test("sums up round-trip times and loss", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, { ...quick, report: "300ms", vims: vims.slice(0, 1) });
    await expect.poll(() => harness.events({ types: ["vim.measured"] }).length).toBeGreaterThan(1);
    const measured = harness.events({ types: ["vim.measured"] })[1]?.event;
    expect(measured).toMatchObject({
      status: "ok",
      measures: {
        rtt_min: { value: 0.5, unit: "ms" },
        rtt_avg: { value: 0.5, unit: "ms" },
        rtt_p95: { value: 0.5, unit: "ms" },
        rtt_max: { value: 0.5, unit: "ms" },
        loss: { value: 0, unit: "%" },
      },
    });
    expect(harness.board.find("vim/edge-1")[0]?.measures).toHaveProperty("rtt_p95");
  });
});

describe.concurrent("while there is no pinger", () => {
  test("every VIM is unknown with what to do, no monitor dies, and all is well once there is one", async ({
    expect,
  }) => {
    const network = new Network();
    network.refusals.push(new LifeguardError("PING_PRIVILEGE", "not permitted: give it CAP_NET_RAW"));
    await using harness = await runVims(network, { ...quick, vims });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNKNOWN");
    const { event } = harness.board.find("vim/edge-1")[0] ?? {};
    expect(event?.data).toMatchObject({ error: "privilege" });
    expect(event?.message).toContain("CAP_NET_RAW");
    // It tries again after five seconds.
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 10_000 }).toBe("REACHABLE");
    expect(harness.events({ types: ["vim.monitor_deleted"] })).toEqual([]);
  }, 20_000);

  test("a pinger that dies is opened anew, with all its targets", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, { ...quick, vims });
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
    network.pinger.fail("the worker died");
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNKNOWN");
    expect(harness.board.find("vim/edge-1")[0]?.event).toMatchObject({
      message: expect.stringContaining("the worker died"),
      data: { error: "backend" },
    });
    await expect.poll(() => stateOf(harness, "vim/edge-1"), { timeout: 10_000 }).toBe("REACHABLE");
    expect(network.pingers).toHaveLength(2);
    expect(network.pingers[0]?.closed).toBe(true);
  }, 20_000);
});

describe.concurrent("references", () => {
  const config = { ...quick, references: ["192.0.2.1", "2001:db8::1"], vims };

  test("while none of them answers, nobody becomes UNREACHABLE", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, config);
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
    network.letAll("silent");
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNKNOWN");
    expect(harness.board.find("vim/edge-1")[0]?.event?.data).toMatchObject({ error: "own-network" });
    const { length } = network.pinger.asked;
    await expect.poll(() => network.pinger.asked.length).toBeGreaterThan(length + 30);
    expect(harness.events({ types: ["vim.unreachable"] })).toEqual([]);
    network.letAll("answers");
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("REACHABLE");
  });

  test("while one of them answers, a VIM that does not is UNREACHABLE", async ({ expect }) => {
    const network = new Network();
    await using harness = await runVims(network, config);
    network.letAll("silent");
    network.let("2001:db8::1", "answers");
    await expect.poll(() => stateOf(harness, "vim/edge-1")).toBe("UNREACHABLE");
    await expect.poll(() => stateOf(harness, "vim/edge-2")).toBe("UNREACHABLE");
  });
});
