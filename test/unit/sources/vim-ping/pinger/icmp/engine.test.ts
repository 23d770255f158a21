import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../../../../src/sources/vim-ping/pinger/address.ts";
import { ATTEMPT, NONCE, ROUND } from "../../../../../../src/sources/vim-ping/pinger/icmp/echo-packet.ts";
import { Engine } from "../../../../../../src/sources/vim-ping/pinger/icmp/engine.ts";
import { Outbox, readRounds } from "../../../../../../src/sources/vim-ping/pinger/icmp/outbox.ts";
import { Tally } from "../../../../../../src/sources/vim-ping/pinger/icmp/tally.ts";
import { TargetTable } from "../../../../../../src/sources/vim-ping/pinger/icmp/target-table.ts";
import type { PingRound } from "../../../../../../src/sources/vim-ping/pinger/port.ts";
import { type Request, ScriptedLink } from "./scripted-link.ts";

const { ENETUNREACH, EHOSTUNREACH, EPERM, ENOBUFS, EAGAIN } = constants.errno;

/** An engine over a scripted link, in a time of its own. */
class Bench {
  now = 10_000;
  readonly rounds: Array<PingRound & { readonly at: number }> = [];
  readonly tally = new Tally();
  readonly link: ScriptedLink;
  readonly engine: Engine;
  readonly #outbox = new Outbox();

  constructor() {
    const table = new TargetTable();
    const now = () => this.now;
    this.engine = new Engine({
      table,
      outbox: this.#outbox,
      tally: this.tally,
      now,
      interfaceNumber: () => 0,
    });
    this.link = new ScriptedLink(table, this.engine.listener, now);
    this.engine.connect(4, this.link);
  }

  add(
    index: number,
    settings: Partial<{
      interval: number;
      timeout: number;
      count: number;
      confirm: number;
      phase: number;
      address: string;
    }> = {},
  ): void {
    const { address: text = `192.0.${2 + ((index + 1) >> 8)}.${(index + 1) & 255}`, ...rest } = settings;
    const address = parseAddress(text);
    if (!address) throw new Error(text);
    this.engine.set(
      { index, generation: 1, interval: 1000, timeout: 300, count: 1, confirm: 1, phase: 0, ...rest },
      address,
    );
  }

  /** Runs for so many milliseconds, turning when the engine wants to. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.engine.turn();
      this.#collect();
      if (next > end) break;
      this.now = next;
    }
    this.now = end;
    this.engine.turn();
    this.#collect();
  }

  /** Lets time go by without the engine. */
  stall(ms: number): void {
    this.now += ms;
  }

  #collect(): void {
    readRounds(
      this.#outbox.take(),
      (index) => `${index}`,
      (round) => this.rounds.push({ ...round, at: this.now }),
    );
  }
}

describe("rounds", () => {
  it("are asked in the target's rhythm without drifting, and measured", () => {
    const bench = new Bench();
    bench.link.answerAfter = 2;
    bench.add(0);
    bench.run(60_500);
    expect(bench.rounds).toHaveLength(61);
    expect(bench.rounds[7]).toMatchObject({
      id: "0",
      sent: 1,
      received: 1,
      times: [2],
      unmeasured: null,
      reason: null,
    });
    const begins = bench.link.requests.map(({ at }) => at);
    for (const [round, at] of begins.entries()) expect(Math.abs(at - 10_000 - 1000 * round)).toBeLessThan(25);
  });

  it("begin spread over the interval, as their phase says", () => {
    const bench = new Bench();
    bench.link.answerAfter = 1;
    for (let index = 0; index < 100; index++) bench.add(index, { phase: index / 100 });
    bench.run(1000);
    const perTenth = new Array<number>(10).fill(0);
    for (const { at } of bench.link.requests.slice(0, 100)) {
      const tenth = Math.min(9, Math.floor((at - 10_000) / 100));
      perTenth[tenth] = (perTenth[tenth] as number) + 1;
    }
    expect(Math.max(...perTenth)).toBeLessThanOrEqual(12);
    expect(Math.min(...perTenth)).toBeGreaterThanOrEqual(8);
  });

  it("with several requests send one after the other, and count what was answered", () => {
    const bench = new Bench();
    bench.add(0, { count: 3, timeout: 100 });
    bench.run(20);
    bench.link.answer(bench.link.requests[0] as Request, bench.now);
    bench.run(130);
    expect(bench.link.requests.map(({ packet }) => packet[ATTEMPT])).toEqual([0, 1, 2]);
    bench.link.answer(bench.link.requests[2] as Request, bench.now);
    bench.run(50);
    expect(bench.rounds).toHaveLength(1);
    expect(bench.rounds[0]).toMatchObject({ sent: 3, received: 2, unmeasured: null });
    expect(bench.rounds[0]?.times).toHaveLength(2);
  });

  it("that were missed are asked again at once until so many were, then at the interval", () => {
    const bench = new Bench();
    bench.add(0, { confirm: 3, interval: 2000 });
    bench.run(7900);
    const begins = bench.link.requests.map(({ at }) => Math.round((at - 10_000) / 100));
    expect(begins).toEqual([0, 3, 6, 20, 40, 60]);
    expect(bench.rounds.every(({ received, unmeasured }) => received === 0 && unmeasured === null)).toBe(
      true,
    );
  });

  it("that a reply just beyond the time-out ends are missed, and the reply is late", () => {
    const bench = new Bench();
    bench.link.answerAfter = 301;
    bench.add(0);
    bench.run(900);
    expect(bench.rounds).toMatchObject([{ received: 0, unmeasured: null }]);
    expect(bench.tally.read()).toMatchObject({ received: 0, late: 1 });
  });

  it("of removed targets end with them, and what still comes is late", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(20);
    bench.engine.remove(0);
    bench.add(0, { address: "192.0.2.99", phase: 0.9 });
    bench.link.answer(bench.link.requests[0] as Request, bench.now, [0x010200c0]);
    bench.run(500);
    expect(bench.rounds).toEqual([]);
    expect(bench.tally.read()).toMatchObject({ late: 1, forged: 0, received: 0 });
  });
});

describe("replies", () => {
  it("count once: copies are duplicates, also of the round before", () => {
    const bench = new Bench();
    bench.link.answerAfter = 1;
    bench.add(0);
    bench.run(50);
    bench.link.answer(bench.link.requests[0] as Request, bench.now);
    bench.run(1000);
    bench.link.answer(bench.link.requests[0] as Request, bench.now);
    bench.run(50);
    expect(bench.tally.read()).toMatchObject({ received: 2, duplicate: 2, late: 0, forged: 0 });
  });

  it("from elsewhere, or to what was never asked, are forged and answer nothing", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(20);
    const request = bench.link.requests[0] as Request;
    const changed = (word: number, by: number): Request => {
      const packet = request.packet.slice();
      packet[word] = ((packet[word] as number) + by) >>> 0;
      return { ...request, packet };
    };
    bench.link.answer(request, bench.now, [0x630200c0]);
    bench.link.answer(changed(NONCE, 1), bench.now);
    bench.link.answer(changed(ROUND, 1), bench.now);
    bench.link.answer(changed(ROUND, -1), bench.now);
    bench.link.answer(changed(ATTEMPT, 1), bench.now);
    bench.link.answer(
      { ...changed(NONCE, 0), target: 0, packet: Uint32Array.from(request.packet).fill(0xffffffff, 6, 7) },
      bench.now,
    );
    bench.run(400);
    expect(bench.tally.read()).toMatchObject({ forged: 6, received: 0 });
    expect(bench.rounds).toMatchObject([{ received: 0, unmeasured: null }]);
  });

  it("have no negative time, and none beyond now, when somebody sets the clock", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(20);
    bench.link.answer(bench.link.requests[0] as Request, bench.now - 3_600_000);
    bench.run(20);
    expect(bench.rounds).toMatchObject([{ received: 1, times: [0] }]);
  });
});

describe("when it is our own fault", () => {
  it("a round that was held up reads stall, not missed", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(20);
    bench.stall(300);
    bench.run(100);
    expect(bench.rounds).toMatchObject([{ received: 0, unmeasured: "stall" }]);
    expect(bench.tally.read().stalled).toBe(1);
    bench.run(1000);
    expect(bench.rounds[1]).toMatchObject({ received: 0, unmeasured: null });
  });

  it("a reply that the system received in time counts, however late we read it", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(20);
    bench.link.answer(bench.link.requests[0] as Request, bench.now + 1);
    bench.stall(800);
    bench.run(50);
    expect(bench.rounds).toMatchObject([{ received: 1, unmeasured: null }]);
  });

  it("whole rounds that went by read stall once, and asking goes on without a burst of what was missed", () => {
    const bench = new Bench();
    bench.link.answerAfter = 1;
    for (let index = 0; index < 3000; index++) bench.add(index, { phase: index / 3000 });
    bench.run(1500);
    const before = bench.link.requests.length;
    bench.rounds.length = 0;
    bench.stall(5000);
    bench.engine.turn();
    expect(bench.link.requests.length - before).toBeLessThanOrEqual(512);
    bench.run(1000);
    const stalls = bench.rounds.filter(({ unmeasured }) => unmeasured === "stall");
    expect(stalls).toHaveLength(3000);
    expect(bench.rounds.filter(({ received, unmeasured }) => received === 0 && unmeasured === null)).toEqual(
      [],
    );
    expect(bench.tally.read().stalled).toBeGreaterThanOrEqual(3000 * 4);
    expect(bench.link.requests.length - before).toBeLessThanOrEqual(6100);
  });

  it("what may have been lost unread is no miss", () => {
    const bench = new Bench();
    bench.add(0);
    bench.run(50);
    bench.link.complete = false;
    bench.run(10);
    bench.link.complete = true;
    bench.run(400);
    expect(bench.rounds).toMatchObject([{ unmeasured: "stall" }]);
  });

  it.each([
    [ENETUNREACH, "own-network"],
    [EPERM, "privilege"],
    [ENOBUFS, "backend"],
  ])("a request that cannot go out (%i) reads %s", (errno, unmeasured) => {
    const bench = new Bench();
    bench.link.answerAfter = 1;
    bench.link.errors.push(0, errno, 0);
    for (let index = 0; index < 3; index++) bench.add(index, { confirm: 3 });
    bench.run(500);
    expect(bench.rounds.filter((round) => round.unmeasured === unmeasured)).toMatchObject([
      { sent: 0, received: 0 },
    ]);
    expect(bench.rounds.filter(({ received }) => received === 1)).toHaveLength(2);
  });

  it("a target of a family that this system lacks reads own-network", () => {
    const bench = new Bench();
    bench.add(0, { address: "2001:db8::1" });
    bench.run(100);
    expect(bench.rounds).toMatchObject([
      { sent: 0, unmeasured: "own-network", reason: "no IPv6 on this system" },
    ]);
  });

  it("a full send buffer is tried again, and nothing is lost", () => {
    const bench = new Bench();
    bench.link.answerAfter = 1;
    bench.link.errors.push(EAGAIN, EAGAIN);
    for (let index = 0; index < 20; index++) bench.add(index);
    bench.run(100);
    expect(bench.rounds.filter(({ received }) => received === 1)).toHaveLength(20);
  });
});

describe("reasons", () => {
  const unreachable = (
    request: { index: number; nonce: number } | null,
    destination: number,
    sequence: number,
  ) => ({
    text: "host unreachable from 192.0.2.254",
    request,
    destination: Uint32Array.of(destination, 0, 0, 0, 0),
    sequence,
  });

  it("what a router says of a request is why its round was missed", () => {
    const bench = new Bench();
    bench.add(0);
    bench.add(1);
    bench.run(20);
    const { packet, target } = bench.link.requests[0] as Request;
    bench.engine.listener.error(unreachable({ index: target, nonce: packet[NONCE] as number }, 0, 0));
    bench.run(400);
    expect(bench.rounds.find(({ id }) => id === `${target}`)?.reason).toBe(
      "host unreachable from 192.0.2.254",
    );
    expect(bench.rounds.find(({ id }) => id !== `${target}`)?.reason).toBeNull();
  });

  it("a router that quotes little is understood by address and sequence, and one that makes up things is not", () => {
    const bench = new Bench();
    bench.add(0);
    bench.add(1);
    bench.run(20);
    const round = (bench.link.requests.find(({ target }) => target === 0)?.packet[ROUND] as number) & 0xffff;
    bench.engine.listener.error(unreachable(null, 0x010200c0, round));
    bench.engine.listener.error(unreachable(null, 0x020200c0, (round + 0x4000) & 0xffff));
    bench.engine.listener.error(unreachable({ index: 1, nonce: 1 }, 0, 0));
    bench.engine.listener.error(unreachable({ index: 4_000_000_000, nonce: 1 }, 0, 0));
    bench.run(400);
    expect(bench.rounds.find(({ id }) => id === "0")?.reason).toBe("host unreachable from 192.0.2.254");
  });

  it("a host that our own system does not find is a miss in its time, not three at once", () => {
    const bench = new Bench();
    bench.link.errors.push(EHOSTUNREACH);
    bench.add(0, { confirm: 3 });
    bench.run(250);
    expect(bench.rounds).toEqual([]);
    bench.run(100);
    expect(bench.rounds).toMatchObject([
      { received: 0, unmeasured: null, reason: expect.stringContaining("EHOSTUNREACH") },
    ]);
  });

  it("is forgotten when the target answers", () => {
    const bench = new Bench();
    bench.link.errors.push(EHOSTUNREACH);
    bench.add(0);
    bench.run(990);
    bench.link.answerAfter = 1;
    bench.run(1000);
    bench.link.answerAfter = undefined;
    bench.run(1000);
    expect(bench.rounds.map(({ reason }) => reason !== null)).toEqual([true, false, false]);
  });
});
