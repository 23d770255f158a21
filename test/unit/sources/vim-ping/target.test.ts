import { describe, expect, test } from "vitest";
import { hostAndPort, parseTarget, urlOf } from "../../../../src/sources/vim-ping/target.ts";

describe("the target of an auth_url", () => {
  test.each([
    ["https://192.0.2.7:5000/v3", "192.0.2.7", 5000, true],
    ["http://192.0.2.7/identity/v3", "192.0.2.7", 80, false],
    ["https://cloud.example.org", "cloud.example.org", 443, true],
    ["https://Cloud.Example.ORG:443/", "cloud.example.org", 443, true],
    ["https://[2001:db8::7]:6443", "2001:db8::7", 6443, true],
    ["https://[2001:DB8:0::7]/", "2001:db8::7", 443, true],
    ["http://user:pa:ss@192.0.2.7:5000/v3", "192.0.2.7", 5000, false],
    ["http://user@[2001:db8::7]:5000", "2001:db8::7", 5000, false],
    ["http://[fe80::1%25eth0]:5000/v3", "fe80::1%eth0", 5000, false],
    ["http://[fe80::1%eth0]:5000/v3", "fe80::1%eth0", 5000, false],
    ["http://[::ffff:192.0.2.7]:5000", "192.0.2.7", 5000, false],
    ["https://bücher.example:5000/v3", "xn--bcher-kva.example", 5000, true],
    ["https://192.0.2.7:5000/v3?x=@[::1]:1", "192.0.2.7", 5000, true],
  ])("%s is %s at port %i", (url, host, port, secure) => {
    expect(parseTarget(url)).toMatchObject({ host, port, secure });
  });

  test("knows which hosts are addresses", () => {
    expect(parseTarget("http://192.0.2.7").literal).toBe(true);
    expect(parseTarget("http://[fe80::1%25eth0]").literal).toBe(true);
    expect(parseTarget("http://cloud.example.org").literal).toBe(false);
  });

  test("keeps no user and no password", () => {
    const target = parseTarget("https://admin:hunter2@cloud.example.org:5000/v3?a=b#c");
    expect(JSON.stringify(target)).not.toMatch(/admin|hunter2/);
    expect(urlOf(target)).toBe("https://cloud.example.org:5000/v3?a=b");
  });

  test("brackets an IPv6 address before a port", () => {
    expect(hostAndPort(parseTarget("https://[::1]/"))).toBe("[::1]:443");
  });

  test.each(["", "cloud.example.org", "//cloud", "ftp://cloud", "https://", "http://[::1", "http://a b"])(
    "%j is refused, and not repeated",
    (url) => {
      expect(() => parseTarget(url)).toThrow(/not a URL|not an http or https URL/);
    },
  );

  test("a refusal does not repeat a password", () => {
    expect(() => parseTarget("ftp://admin:hunter2@cloud")).toThrow(/^(?!.*hunter2)/s);
  });
});
