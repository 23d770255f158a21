import { expect, it } from "vitest";
import { Stalls } from "../../../../../../src/sources/vim-ping/pinger/icmp/stalls.ts";

it("holds silence against nobody who was asked while the pinger was held up", () => {
  const stalls = new Stalls();
  expect(stalls.spoiled(1000, 1000, 300)).toBe(false);
  stalls.note(1100, 1400);
  expect(stalls.spoiled(1000, 1000, 300)).toBe(true);
  expect(stalls.spoiled(1401, 1401, 300)).toBe(false);
});

it("takes a late request for one, and no small hold-up for a long time-out", () => {
  const stalls = new Stalls();
  expect(stalls.spoiled(1000, 1150, 300)).toBe(true);
  stalls.note(1000, 1060);
  expect(stalls.spoiled(990, 990, 1000)).toBe(false);
  expect(stalls.spoiled(990, 990, 200)).toBe(true);
});

it("forgives what was out when replies may have been lost unread", () => {
  const stalls = new Stalls();
  stalls.noteLoss(1000);
  expect(stalls.spoiled(900, 900, 300)).toBe(true);
  expect(stalls.spoiled(1001, 1001, 300)).toBe(false);
});
