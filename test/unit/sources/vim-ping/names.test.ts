import { FakeClock } from "lifeguard/testkit";
import { describe, expect, test } from "vitest";
import { Names, type Resolution } from "../../../../src/sources/vim-ping/names.ts";

type Script = () => Promise<readonly string[]>;

const error = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

function setup(initial: Script) {
  const clock = new FakeClock();
  const asked: string[] = [];
  let script = initial;
  const names = new Names({ clock, signal: new AbortController().signal }, (name) => {
    asked.push(name);
    return script();
  });
  const say = (next: Script) => {
    script = next;
  };
  return { clock, asked, names, say };
}

describe("a name that is followed", () => {
  test("is asked again every minute, once for all who follow it", async () => {
    const { clock, asked, names, say } = setup(async () => ["192.0.2.1"]);
    const seen: Resolution[] = [];
    names.follow("cloud", (resolution) => seen.push(resolution));
    names.follow("cloud", () => {});
    await clock.advance(0);
    say(async () => ["192.0.2.1", "2001:db8::1"]);
    await clock.advance(60_000);
    expect(asked).toEqual(["cloud", "cloud"]);
    expect(seen).toEqual([{ addresses: ["192.0.2.1"] }, { addresses: ["192.0.2.1", "2001:db8::1"] }]);
  });

  test("is told at once to who comes later, and forgotten with the last who leaves", async () => {
    const { clock, asked, names } = setup(async () => ["192.0.2.1"]);
    const leave = names.follow("cloud", () => {});
    await clock.advance(0);
    const seen: Resolution[] = [];
    const leaveToo = names.follow("cloud", (resolution) => seen.push(resolution));
    expect(seen).toEqual([{ addresses: ["192.0.2.1"] }]);
    leave();
    leaveToo();
    await clock.advance(300_000);
    expect(asked).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("that does not exist is told so, and asked about again soon", async () => {
    const { clock, names, say } = setup(error("ENOTFOUND"));
    const seen: Resolution[] = [];
    names.follow("cloud", (resolution) => seen.push(resolution));
    await clock.advance(0);
    expect(seen).toEqual([{ addresses: null, reason: "cloud cannot be resolved: the name does not exist" }]);
    say(async () => ["192.0.2.1"]);
    await clock.advance(5000);
    expect(seen[1]).toEqual({ addresses: ["192.0.2.1"] });
  });

  test("keeps its addresses while the name service is away, and loses them when the name is gone", async () => {
    const { clock, names, say } = setup(async () => ["192.0.2.1"]);
    const seen: Resolution[] = [];
    names.follow("cloud", (resolution) => seen.push(resolution));
    await clock.advance(0);
    say(error("EAI_AGAIN"));
    await clock.advance(60_000);
    expect(seen.at(-1)).toEqual({ addresses: ["192.0.2.1"] });
    say(error("ENOTFOUND"));
    await clock.advance(5000);
    expect(seen.at(-1)?.addresses).toBeNull();
  });

  test("whose question hangs is told so in time", async () => {
    const { clock, names } = setup(() => new Promise(() => {}));
    const seen: Resolution[] = [];
    names.follow("cloud", (resolution) => seen.push(resolution));
    await clock.advance(5000);
    expect(seen[0]).toEqual({ addresses: null, reason: "cloud cannot be resolved: ETIMEDOUT" });
  });

  test("waits its turn: the system's threads are not all taken", async () => {
    const waiting: Array<(addresses: string[]) => void> = [];
    const { clock, asked, names } = setup(() => new Promise((resolve) => waiting.push(resolve)));
    for (const name of ["a", "b", "c", "d"]) names.follow(name, () => {});
    expect(asked).toEqual(["a", "b"]);
    waiting[0]?.(["192.0.2.1"]);
    await clock.advance(0);
    expect(asked).toEqual(["a", "b", "c"]);
  });
});
