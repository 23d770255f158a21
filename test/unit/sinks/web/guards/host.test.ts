import { describe, expect, it } from "vitest";
import { hostGuard } from "../../../../../src/sinks/web/guards/host.ts";

describe("the names that a server answers to", () => {
  it("are those of the loopback only, as long as nobody else reaches it", () => {
    const isOurs = hostGuard({ addresses: ["127.0.0.1"], names: [] });
    expect(isOurs("localhost:80")).toBe(true);
    expect(isOurs("192.0.2.1")).toBe(false);
    expect(isOurs("status.example.org")).toBe(false);
  });

  it("are its addresses, whichever they are, and the names that it was given", () => {
    const isOurs = hostGuard({ addresses: ["0.0.0.0"], names: ["Status.example.org"] });
    for (const host of [
      "192.0.2.1",
      "192.0.2.1:80",
      "[2001:db8::1]:80",
      "status.example.org",
      "STATUS.example.org.:443",
    ])
      expect([host, isOurs(host)]).toEqual([host, true]);
    for (const host of [
      "evil.example",
      "status.example.org.evil.example",
      "xstatus.example.org",
      "192.0.2.1.nip.io",
      "",
    ])
      expect([host, isOurs(host)]).toEqual([host, false]);
  });
});
