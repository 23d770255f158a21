import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { HiddenRows } from "../../../../src/core/board/hidden-rows.ts";
import { Row } from "../../../../src/core/board/row.ts";

const key = (subject: string) => ({ origin: "a", source: "s", subject });

describe("hidden rows", () => {
  it("live as long as somebody holds them, and leave nothing behind", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const hidden = new HiddenRows();
    const held = new Row(key("vim/held"), "");
    hidden.add(held);
    (() => {
      for (let i = 0; i < 1000; i++) hidden.add(new Row(key(`vim/${i}`), ""));
    })();
    await expect
      .poll(() => {
        collect();
        return hidden.size;
      })
      .toBe(1);
    expect(hidden.get(key("vim/held"))).toBe(held);
    expect(hidden.take(key("vim/held"))).toBe(held);
    expect(hidden.size).toBe(0);
  });
});
