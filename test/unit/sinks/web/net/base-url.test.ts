import { describe, expect, it } from "vitest";
import { mountOf, withoutMount } from "../../../../../src/sinks/web/net/base-url.ts";

describe("the prefix of a base_url", () => {
  it("has no final slash", () => {
    expect(mountOf(undefined)).toBe("");
    expect(mountOf(new URL("https://h"))).toBe("");
    expect(mountOf(new URL("https://h/a/b/"))).toBe("/a/b");
  });

  it.each([
    ["/a/b/", "/"],
    ["/a/b", "/"],
    ["/a/b?q", "/?q"],
    ["/a/b/public/x?y=/a/b/", "/public/x?y=/a/b/"],
    ["/", "/"],
    ["/public/x", "/public/x"],
    ["/a/bc", "/a/bc"],
    ["/a", "/a"],
  ])("is taken off once, where it is: %s", (url, rest) => {
    expect(withoutMount(url, "/a/b")).toBe(rest);
  });
});
