import { describe, expect, it } from "vitest";
import { compileGlob } from "../../../src/plugin/index.ts";
import { fc } from "../../support/property.ts";
import { threadCpu } from "../../support/thread-cpu.ts";

describe("a glob", () => {
  it.each([
    ["vim/edge-1", "vim/edge-1", true],
    ["vim/edge-1", "vim/edge-12", false],
    ["vim/*", "vim/", true],
    ["vim/*", "vim/a/b.c", true],
    ["vim/*", "avim/a", false],
    ["*", "", true],
    ["*/a", "x/y/a", true],
    ["*/a", "x/y/ab", false],
    ["k8s/*/Deployment/*", "k8s/zz/Deployment/mod-x", true],
    ["k8s/*/Deployment/*", "k8s/Deployment/mod-x", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["a.c", "abc", false],
    ["[a]+(b)?", "[a]+(b)?", true],
    ["**", "anything\nat all", true],
    ["", "", true],
    ["", "a", false],
  ])("%j on %j: %s", (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it("agrees with the regular expression it stands for", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "*", "/", "."), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (pattern, text) => {
        const expression = pattern
          .split("*")
          .map((part) => RegExp.escape(part))
          .join("[^]*");
        expect(compileGlob(pattern)(text)).toBe(new RegExp(`^${expression}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("with many stars takes no time on a text that almost matches", async () => {
    const test = compileGlob(`${"*a".repeat(40)}*b`);
    expect(await threadCpu(() => expect(test("a".repeat(20_000))).toBe(false))).toBeLessThan(1000);
  });
});
