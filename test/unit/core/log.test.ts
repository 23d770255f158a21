import { describe, expect, test } from "vitest";
import { createLogger, type LogOptions } from "../../../src/core/log.ts";
import { LifeguardError, PermanentError } from "../../../src/plugin/index.ts";

async function logger(options: LogOptions = {}) {
  const lines: string[] = [];
  const log = await createLogger({ destination: { write: (text) => lines.push(text) }, ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") };
}

describe("log", () => {
  test("one JSON object a line where the destination is no terminal", async () => {
    const { log, lines, last } = await logger();
    log.info("started", { port: 8080 });
    expect(lines).toHaveLength(1);
    expect(last()).toMatchObject({ level: "info", msg: "started", port: 8080 });
    expect(Date.parse(last().time)).not.toBeNaN();
  });

  test("says nothing below its level", async () => {
    const { log, lines } = await logger({ level: "warn" });
    log.info("quiet");
    log.warn("loud");
    expect(lines).toHaveLength(1);
  });

  test("a child's lines carry its name", async () => {
    const { log, last } = await logger();
    log.child("sink/web").warn("slow");
    expect(last()).toMatchObject({ name: "sink/web", msg: "slow" });
  });

  test("errors keep their message, code and cause's text", async () => {
    const { log, last } = await logger();
    log.error("failed", { error: new Error("no route", { cause: new Error("cable") }) });
    expect(last().error.message).toContain("no route");
    expect(last().error.stack).toContain("cable");
  });

  test("errors that say what is wrong have no stack and no list of events, unless what they come from is of another kind", async () => {
    const { log, last } = await logger();
    const refused = Array.from({ length: 1000 }, (_, index) => `event-${index}`);
    const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), {
      code: "ECONNREFUSED",
      syscall: "connect",
    });
    log.warn("failed", { error: new PermanentError("the database refuses them", { refused, cause }) });
    expect(last().error).toEqual({
      code: "PERMANENT",
      message: "the database refuses them",
      cause: { code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" },
    });
    log.warn("failed", {
      err: new LifeguardError("CRASHED", "it crashed", { cause: new TypeError("x is not y") }),
    });
    expect(last().err).toMatchObject({
      code: "CRASHED",
      cause: { stack: expect.stringContaining("log.test.ts") },
    });
  });

  test("a terminal gets one readable line with the name in front", async () => {
    const lines: string[] = [];
    const log = await createLogger({ destination: { write: (text) => lines.push(text), isTTY: true } });
    log.child("journal").info("opened", { events: 12 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("journal: opened");
    expect(lines[0]).toContain("12");
    expect(lines[0]).not.toContain('"msg"');
  });

  test("pretty without a terminal has no colour codes", async () => {
    const { log, lines } = await logger({ format: "pretty" });
    log.info("plain");
    expect(lines[0]).not.toContain("\u001b");
  });
});

describe("redaction", () => {
  test.each(["json", "pretty"] as const)("hides secrets wherever they stand in a %s line", async (format) => {
    const { log, lines } = await logger({ format, secrets: new Set(["hunter2-é"]) });
    log.child("hunter2-é").error("login hunter2-é refused", {
      error: new Error("url https://u:hunter2-é@host"),
      nested: { list: ["x hunter2-é y"], "hunter2-é": 1 },
    });
    expect(lines.join("")).not.toContain("hunter2");
    expect(lines.join("")).toContain("[redacted]");
  });

  test("hides secrets that JSON escapes, and numbers, and keeps the line valid", async () => {
    const { log, lines, last } = await logger({ secrets: new Set(['quo"te\\', "123456"]) });
    log.info('a quo"te\\ b', { pin: 123456 });
    expect(lines[0]).not.toContain("te\\");
    expect(last()).toMatchObject({ msg: "a [redacted] b", pin: "[redacted]", level: "info" });
  });

  test("a secret that contains another leaves nothing of itself", async () => {
    const { log, last } = await logger({ secrets: new Set(["pass", "password-1"]) });
    log.info("password-1 and pass");
    expect(last().msg).toBe("[redacted] and [redacted]");
  });

  test("secrets that come later are hidden from then on", async () => {
    const secrets = new Set<string>();
    const { log, last } = await logger({ secrets });
    log.info("token-9");
    expect(last().msg).toBe("token-9");
    secrets.add("token-9");
    log.info("token-9");
    expect(last().msg).toBe("[redacted]");
  });

  test("values shorter than four characters are no secrets", async () => {
    const { log, last } = await logger({ secrets: new Set(["abc", ""]) });
    log.info("abc");
    expect(last().msg).toBe("abc");
  });

  test("a secret of digits does not harm the line's own time", async () => {
    const { log, last } = await logger({ secrets: new Set([String(new Date().getFullYear())]) });
    log.info("now");
    expect(Date.parse(last().time)).not.toBeNaN();
  });
});
