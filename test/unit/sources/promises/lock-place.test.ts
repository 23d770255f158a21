import { chmodSync, lstatSync, rmdirSync } from "node:fs";
import { expect, it } from "vitest";
import { lockName, sharedLockFolder } from "../../../../src/sources/promises/lock-place.ts";

/** A user that nobody has: its folder is this test's. */
const NOBODY = 4_000_000_000 + (process.pid % 100_000);

it("the folder of locks is the same for all of a user's, and closed to others", async () => {
  const folder = await sharedLockFolder();
  expect(folder).toBe(`/tmp/lifeguard-${process.geteuid?.()}`);
  expect(await sharedLockFolder()).toBe(folder);
  expect((lstatSync(folder as string).mode & 0o777).toString(8)).toBe("700");
});

it("a folder that somebody else made, or may write to, is not trusted", async () => {
  const folder = `/tmp/lifeguard-${NOBODY}`;
  try {
    // It is made by this test's user, who is not that one.
    expect(await sharedLockFolder(NOBODY)).toBeUndefined();
    chmodSync(folder, 0o777);
    expect(await sharedLockFolder(NOBODY)).toBeUndefined();
  } finally {
    rmdirSync(folder);
  }
});

it("a lock is named by promise and folder, so that equal names of two folders have two, and one promise has one", () => {
  expect(lockName("/a", "x")).toMatch(/^x\.[0-9a-f]{16}\.pid$/);
  expect(lockName("/a", "x")).toBe(lockName("/a", "x"));
  expect(lockName("/b", "x")).not.toBe(lockName("/a", "x"));
  expect(Buffer.byteLength(lockName("/a", "日".repeat(80)))).toBeLessThan(200);
});
