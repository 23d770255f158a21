import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Envelope, type Status, toCloudEvent } from "../../../../src/plugin/index.ts";
import definition from "../../../../src/sinks/console/index.ts";
import { consoleSink } from "../../../../src/sinks/console/sink.ts";

const never = new AbortController().signal;

function envelope(status: Status, message: string, subject = "promise/kvm"): Envelope {
  const time = "2026-01-31T09:05:07.000Z";
  return {
    seq: 1,
    received: time,
    event: {
      id: "0190",
      time,
      origin: "here",
      source: "promises",
      type: "promise.failed",
      subject,
      status,
      state: "BAD",
      message,
      labels: { site: "n" },
      measures: {},
      data: { returncode: 1 },
    },
    change: true,
    previous: "ok",
    since: time,
    episode: null,
  };
}

async function written(
  format: "pretty" | "ndjson" | undefined,
  isTerminal: boolean,
  batch: readonly Envelope[],
  env: Record<string, string> = {},
): Promise<string> {
  const stream = new PassThrough();
  const sink = consoleSink(format, { stream, isTerminal, env });
  await sink.write?.(batch, never);
  await sink.close();
  return String(stream.read() ?? "");
}

describe("console", () => {
  it("writes one CloudEvent a line as NDJSON", async () => {
    const batch = [envelope("critical", 'a "quoted"\nmessage'), envelope("ok", "fine")];
    const text = await written("ndjson", true, batch);
    expect(text.endsWith("\n")).toBe(true);
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(batch.map((one) => toCloudEvent(one)));
  });

  it("chooses NDJSON for a pipe and lines for a terminal", async () => {
    expect(JSON.parse(await written(undefined, false, [envelope("ok", "fine")])).specversion).toBe("1.0");
    expect(await written(undefined, true, [envelope("ok", "fine")])).toContain("ok ");
  });

  it("aligns time, status, subject and message", async () => {
    const text = await written("pretty", false, [
      envelope("critical", "bad", "promise/a-much-longer-subject"),
      envelope("ok", "good", "promise/b"),
    ]);
    const [first = "", second = ""] = text.trimEnd().split("\n");
    expect(first).toMatch(/^\d\d:\d\d:07 {2}critical {2}promise\/a-much-longer-subject {2}bad$/);
    expect(second.indexOf("good")).toBe(first.indexOf("bad"));
  });

  it("colours on a terminal only, and never where NO_COLOR asks it not to", async () => {
    const batch = [envelope("critical", "bad")];
    expect(await written("pretty", true, batch)).toContain("\u001b[31m");
    expect(await written("pretty", false, batch)).not.toContain("\u001b");
    expect(await written("pretty", true, batch, { NO_COLOR: "1" })).not.toContain("\u001b");
  });

  it("keeps a line a line, and the terminal its own", async () => {
    const text = await written("pretty", false, [envelope("ok", "two\nlines\u001b[2J\u009b31m and\ttabs")]);
    expect(text.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n")).toHaveLength(2);
  });

  it("waits for a slow reader, and gives up at the deadline", async () => {
    let release = () => {};
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const sink = consoleSink("ndjson", { stream, isTerminal: false, env: {} });
    let settled = false;
    const first = sink.write?.([envelope("ok", "slow")], never)?.then(() => {
      settled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    release();
    await first;
    expect(settled).toBe(true);

    const deadline = new AbortController();
    const second = sink.write?.([envelope("ok", "slow")], deadline.signal);
    deadline.abort(new Error("too late"));
    await expect(second).rejects.toThrow("too late");
    await sink.close();
  });

  it("falls silent when the reader has gone, and reports any other failure as one that may pass", async () => {
    const broken = (code: string) =>
      new Writable({
        autoDestroy: false,
        write(_chunk, _encoding, done) {
          done(Object.assign(new Error(code), { code }));
        },
      });
    const piped = consoleSink("ndjson", { stream: broken("EPIPE"), isTerminal: false, env: {} });
    await piped.write?.([envelope("ok", "unread")], never);
    await piped.write?.([envelope("ok", "unread")], never);
    await piped.close();

    const full = consoleSink("ndjson", { stream: broken("ENOSPC"), isTerminal: false, env: {} });
    await expect(full.write?.([envelope("ok", "lost")], never)).rejects.toMatchObject({ code: "RETRYABLE" });
    await full.close();
  });

  it("survives a pipe to a program that stops reading", async () => {
    const script = `
      const { default: sink } = await import(${JSON.stringify(new URL("../../../../src/sinks/console/index.ts", import.meta.url))});
      const running = sink.start({ format: "ndjson" }, {});
      const one = ${JSON.stringify(envelope("ok", "x".repeat(1000)))};
      for (let at = 0; at < 200; at++) await running.write([one], AbortSignal.timeout(5000));
      await running.close();
      process.exitCode = 7;`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let complaint = "";
    child.stderr.on("data", (data) => {
      complaint += data;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [code] = await once(child, "close");
    expect(complaint).toBe("");
    expect(code).toBe(7);
  });

  it("is live, and knows no other format", () => {
    expect(definition.delivery).toBe("live");
    expect(definition.config.safeParse({}).success).toBe(true);
    expect(definition.config.safeParse({ format: "xml" }).success).toBe(false);
  });
});
