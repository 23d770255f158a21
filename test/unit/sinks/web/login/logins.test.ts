import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Subject } from "rxjs";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { Logins } from "../../../../../src/sinks/web/login/logins.ts";
import { Verifier } from "../../../../../src/sinks/web/login/verifier.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-logins-"));
const file = join(folder, "users");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Lines that Apache's htpasswd wrote, for the passwords "secret" and "hunter2". */
const ALICE = "alice:$2y$04$y7rgrKAYL6a2NAtA7OjC4.N9VYkwQHN3tYqsscrs5s792N6iI.GGW";
const BOB = "bob:$apr1$m./mPAkj$Kyj7StF2ThmDKUULXw3bV1";
const alice = { name: "alice", password: "secret" };
const bob = { name: "bob", password: "hunter2" };

const teardowns: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const teardown of teardowns.splice(0)) await teardown();
});

async function open(...lines: readonly string[]) {
  writeFileSync(file, lines.join("\n"));
  const changed = new Subject<void>();
  const log = { debug: () => {}, info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const logins = await Logins.open(file, {
    log,
    watch: () => changed,
    onStop: (teardown) => void teardowns.push(teardown),
  });
  const change = (...next: readonly string[]) => {
    writeFileSync(file, next.join("\n"));
    changed.next();
  };
  return { logins, log, change };
}

describe("a login", () => {
  it("is known once it was good, and only with its own password", async () => {
    const { logins } = await open(ALICE, BOB);
    expect(logins.isKnown(alice)).toBe(false);
    expect(await logins.check(alice)).toBe(true);
    expect(logins.isKnown(alice)).toBe(true);
    expect(logins.isKnown({ ...alice, password: "secret " })).toBe(false);
    expect(logins.isKnown({ ...alice, name: "bob" })).toBe(false);
    expect(await logins.check({ ...alice, password: "wrong" })).toBe(false);
    expect(await logins.check({ ...alice, name: "mallory" })).toBe(false);
  });

  it("stays known when another line of the file changes, and not when its own does", async () => {
    const { logins, log, change } = await open(ALICE, BOB);
    await Promise.all([logins.check(alice), logins.check(bob)]);
    change(ALICE);
    await vi.waitFor(() => expect(log.info).toHaveBeenCalled());
    expect(logins.isKnown(alice)).toBe(true);
    expect(logins.isKnown(bob)).toBe(false);
    expect(await logins.check(bob)).toBe(false);
  });

  it("is not good any more when the file changed while it was checked", async () => {
    const { logins, log, change } = await open(ALICE.replace("$04$", "$10$"), BOB);
    // Bob's check takes as long as the slowest of the file.
    const checking = logins.check(bob);
    change(ALICE);
    await vi.waitFor(() => expect(log.info).toHaveBeenCalled());
    expect(await checking).toBe(false);
    expect(logins.isKnown(bob)).toBe(false);
  });

  it("takes the same work whether its name is in the file or not, and whichever it is", async () => {
    const { logins } = await open(ALICE, BOB);
    const verify = vi.spyOn(Verifier.prototype, "verify");
    for (const name of ["alice", "bob", "mallory"]) await logins.check({ name, password: "wrong" });
    const work = verify.mock.calls.map(([, hashes]) => hashes.map(({ cost }) => cost).sort());
    verify.mockRestore();
    expect(work).toEqual([
      [16, 2],
      [16, 2],
      [16, 2],
    ]);
  });

  it("that many send at once is checked once", async () => {
    const { logins } = await open(ALICE);
    const checks = Array.from({ length: 200 }, () => logins.check(alice));
    expect(new Set(checks).size).toBe(1);
    expect(logins.busy).toBe(false);
    expect(await Promise.all(checks)).toEqual(Array(200).fill(true));
  });
});

describe("a file", () => {
  it("without logins lets nobody in, and says so", async () => {
    const { logins, log } = await open("# nobody");
    expect(await logins.check(alice)).toBe(false);
    expect(log.warn).toHaveBeenCalledWith(expect.stringContaining("nobody can log in"));
  });

  it("that is not there is told as such", async () => {
    const parts = {
      log: { debug() {}, info() {}, warn() {}, error() {} },
      watch: () => new Subject<void>(),
      onStop() {},
    };
    await expect(Logins.open(join(folder, "none"), parts)).rejects.toMatchObject({
      code: "HTPASSWD",
      message: expect.stringMatching(/none.*htpasswd -cB .*none <name>$/),
    });
  });
});
