import { expect, it } from "vitest";
import { errnoName, signalName, signalNumber } from "../../../../src/sources/promises/signal-names.ts";

it("names signals by their usual names, and numbers them again", () => {
  expect([6, 9, 11, 15, 29].map(signalName)).toEqual(["SIGABRT", "SIGKILL", "SIGSEGV", "SIGTERM", "SIGIO"]);
  expect(signalName(40)).toBe("signal 40");
  expect(signalNumber("SIGKILL")).toBe(9);
  expect(signalNumber("signal 40")).toBe(40);
});

it("names errors by their usual names", () => {
  expect([2, 8, 11, 12, 24, 26].map(errnoName)).toEqual([
    "ENOENT",
    "ENOEXEC",
    "EAGAIN",
    "ENOMEM",
    "EMFILE",
    "ETXTBSY",
  ]);
  expect(errnoName(9999)).toBe("error 9999");
  expect(errnoName(0)).toBe("error 0");
});
