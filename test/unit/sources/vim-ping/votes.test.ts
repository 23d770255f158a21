import { describe, expect, test } from "vitest";
import { Votes } from "../../../../src/sources/vim-ping/votes.ts";

function votes(...addresses: string[]): Votes {
  const all = new Votes();
  all.elect(addresses);
  return all;
}

describe("the votes of a VIM's addresses", () => {
  test("of a single one are its own", () => {
    const all = votes("a");
    expect(all.take("a", "miss")).toBe("miss");
    expect(all.take("a", "miss")).toBe("miss");
    expect(all.take("a", "unmeasured")).toBe("unmeasured");
    expect(all.take("a", "answer")).toBe("answer");
  });

  test("one that answers is enough", () => {
    const all = votes("a", "b");
    expect(all.take("b", "miss")).toBeNull();
    expect(all.take("b", "miss")).toBeNull();
    expect(all.take("a", "answer")).toBe("answer");
    expect(all.take("b", "miss")).toBeNull();
  });

  test("one that was long dead does not make the other's single miss a failure, nor delay it", () => {
    const all = votes("a", "b");
    for (let times = 0; times < 50; times++) all.take("b", "miss");
    expect(all.take("a", "answer")).toBe("answer");
    expect([all.take("a", "miss"), all.take("a", "miss"), all.take("a", "miss")]).toEqual([
      "miss",
      "miss",
      "miss",
    ]);
  });

  test("where all miss, each round of all of them counts once", () => {
    const all = votes("a", "b");
    const verdicts = ["a", "b", "a", "b", "b", "b"].map((address) => all.take(address, "miss"));
    expect(verdicts).toEqual([null, "miss", null, "miss", null, null]);
  });

  test("one that cannot be measured is left out, unless none can", () => {
    const all = votes("v4", "v6");
    expect(all.take("v6", "unmeasured")).toBeNull();
    expect(all.take("v4", "miss")).toBe("miss");
    expect(all.take("v6", "unmeasured")).toBeNull();
    expect(all.take("v4", "unmeasured")).toBe("unmeasured");
  });

  test("an address that is gone has none, and a new one begins anew", () => {
    const all = votes("a");
    for (let times = 0; times < 5; times++) all.take("a", "miss");
    all.elect(["a", "b"]);
    expect(all.take("a", "miss")).toBeNull();
    expect(all.take("b", "miss")).toBe("miss");
    all.elect(["b"]);
    expect(all.take("a", "answer")).toBeNull();
    expect(all.take("b", "miss")).toBe("miss");
  });
});
