import { describe, expect, it } from "vitest";
import { Failures } from "../../../../../src/sinks/web/login/failures.ts";
import { FakeClock } from "../../../../../src/testkit/index.ts";

const fail = (failures: Failures, address: string, times: number) =>
  Array.from({ length: times }, () => failures.begin(address)).at(-1);

describe("failed logins", () => {
  it("are ten at once, and one more every six seconds", async () => {
    const clock = new FakeClock();
    const failures = new Failures(clock);
    expect(fail(failures, "10.0.0.1", 10)).toBe(0);
    expect(failures.begin("10.0.0.1")).toBe(6);
    await clock.advance(6000);
    expect(failures.begin("10.0.0.1")).toBe(0);
    expect(failures.begin("10.0.0.1")).toBe(6);
  });

  it("of one client are nothing to another", () => {
    const failures = new Failures(new FakeClock());
    fail(failures, "10.0.0.1", 20);
    expect(failures.begin("10.0.0.2")).toBe(0);
  });

  it("count by network where one client has a whole IPv6 network", () => {
    const failures = new Failures(new FakeClock());
    for (let at = 1; at <= 10; at++) failures.begin(`2001:db8:1:2::${at}`);
    expect(failures.begin("2001:db8:1:2:ffff::9")).toBeGreaterThan(0);
    expect(failures.begin("2001:db8:1:3::1")).toBe(0);
  });

  it("are forgiven where the login was good", () => {
    const failures = new Failures(new FakeClock());
    for (let at = 0; at < 100; at++) {
      expect(failures.begin("10.0.0.1")).toBe(0);
      failures.forgive("10.0.0.1");
    }
  });

  it("are remembered of so many clients only", () => {
    const failures = new Failures(new FakeClock());
    fail(failures, "10.0.0.1", 10);
    for (let at = 0; at < 10_000; at++) failures.begin(`11.0.${at >> 8}.${at & 255}`);
    expect(failures.begin("10.0.0.1")).toBe(0);
  });
});
