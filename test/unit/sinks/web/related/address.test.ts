import { describe, expect, it } from "vitest";
import { addressKey, parseAddress } from "../../../../../src/sinks/web/related/address.ts";

describe("the address of a related monitor", () => {
  it.each([
    ["http://my.other.monitor", "http://my.other.monitor/monitor.haljson"],
    ["https://host/static", "https://host/static/monitor.haljson"],
    ["https://host/static/", "https://host/static/monitor.haljson"],
    ["https://host/m/a/monitor.haljson", "https://host/m/a/monitor.haljson"],
    ["https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/monitor.haljson"],
    ["https://host/?theme=dark#page", "https://host/monitor.haljson"],
  ])("of %s has its document at %s", (href, document) => {
    expect(parseAddress(href).document.href).toBe(document);
  });

  it.each([
    "https://[...]/",
    "",
    "/static",
    "not a url",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://host/",
    "https://user:word@host/",
  ])("refuses %j", (href) => {
    expect(() => parseAddress(href)).toThrow(expect.objectContaining({ code: "RELATED_URL" }));
  });

  it("is the same for two spellings of one monitor, and for an invalid one its text", () => {
    expect(addressKey("HTTP://Host:80/a")).toBe(addressKey("http://host/a/monitor.haljson"));
    expect(addressKey("https://[...]/")).toBe("https://[...]/");
  });
});
