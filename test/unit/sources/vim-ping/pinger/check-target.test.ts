import { expect, it } from "vitest";
import { checkTarget } from "../../../../../src/sources/vim-ping/pinger/check-target.ts";

const good = { id: "a", address: "192.0.2.1", interval: 1000, timeout: 300, count: 1, confirm: 3 };

it("takes what can be asked", () => {
  expect(() => checkTarget(good)).not.toThrow();
});

it.each([
  { address: "localhost" },
  { interval: 0 },
  { interval: Number.NaN },
  { timeout: 0 },
  { timeout: 1001 },
  { count: 0 },
  { count: 33 },
  { count: 1.5 },
  { confirm: 0 },
])("refuses %o by name", (wrong) => {
  expect(() => checkTarget({ ...good, ...wrong })).toThrow(
    expect.objectContaining({ code: "PING_TARGET", message: expect.stringContaining("ping target a: ") }),
  );
});
