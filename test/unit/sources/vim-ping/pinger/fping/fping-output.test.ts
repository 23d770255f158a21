import { expect, it } from "vitest";
import {
  parseFpingLine,
  parseFpingRemark,
} from "../../../../../../src/sources/vim-ping/pinger/fping/fping-output.ts";
import { fc } from "../../../../../support/property.ts";

it("reads replies and time-outs", () => {
  expect(parseFpingLine("127.0.0.1    : [0], 64 bytes, 0.031 ms (0.031 avg, 0% loss)")).toEqual({
    address: "127.0.0.1",
    time: 0.031,
  });
  expect(parseFpingLine("::1 : [17], timed out (NaN avg, 100% loss)")).toEqual({
    address: "::1",
    time: null,
  });
});

it("reads what was said about a target", () => {
  expect(parseFpingRemark("ICMP Host Unreachable from 192.0.2.1 for ICMP Echo sent to 192.0.2.77")).toEqual({
    address: "192.0.2.77",
    text: "host unreachable from 192.0.2.1",
    duplicate: false,
  });
  expect(parseFpingRemark("192.0.2.7 : duplicate for [0], 64 bytes, 0.3 ms")).toMatchObject({
    address: "192.0.2.7",
    duplicate: true,
  });
});

it("takes anything else for nothing", () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      expect(parseFpingLine(line)).toBeNull();
      expect(parseFpingRemark(line)).toBeNull();
    }),
  );
});
