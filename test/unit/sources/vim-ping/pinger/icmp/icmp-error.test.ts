import { expect, it } from "vitest";
import { icmpErrorText } from "../../../../../../src/sources/vim-ping/pinger/icmp/icmp-error.ts";
import { fc } from "../../../../../support/property.ts";

it("names what routers and hosts say", () => {
  expect(icmpErrorText(4, 3, 1)).toBe("host unreachable");
  expect(icmpErrorText(4, 3, 13)).toBe("administratively prohibited");
  expect(icmpErrorText(4, 11, 0)).toBe("time to live exceeded");
  expect(icmpErrorText(6, 1, 3)).toBe("address unreachable");
  expect(icmpErrorText(6, 3, 0)).toBe("hop limit exceeded");
});

it("has words for every code, and none for what is no verdict", () => {
  fc.assert(
    fc.property(fc.constantFrom(4 as const, 6 as const), fc.nat(255), fc.nat(255), (family, type, code) => {
      const verdict = family === 4 ? [3, 11, 12] : [1, 2, 3, 4];
      const text = icmpErrorText(family, type, code);
      if (verdict.includes(type)) expect(text).toMatch(/\w/);
      else expect(text).toBeNull();
    }),
  );
});
