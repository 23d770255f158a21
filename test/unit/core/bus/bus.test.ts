import { filter, map, mergeMap, take, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { Bus } from "../../../../src/core/bus.ts";
import type { Envelope } from "../../../../src/plugin/index.ts";
import { envelope } from "../intake/envelopes.ts";

function setUp() {
  const errors: [name: string, message: string][] = [];
  const bus = new Bus({ onError: (name, error) => errors.push([name, (error as Error).message]) });
  return { bus, errors };
}

const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => envelope(from + i));

describe("the bus", () => {
  it("hands every subscriber the envelopes in order, whatever the kind of subscription", () => {
    const { bus } = setUp();
    const [single, grouped, observed]: number[][] = [[], [], []];
    bus.subscribe("single", ({ seq }) => single?.push(seq));
    bus.subscribeGroups("grouped", (group) => grouped?.push(...group.map(({ seq }) => seq)));
    bus.observe("observed", (events$) => events$.pipe(tap(({ seq }) => observed?.push(seq))));
    bus.publish(upTo(1, 3));
    bus.publish([]);
    bus.publish(upTo(4, 5));
    expect([single, grouped, observed]).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  it("keeps the order for everybody when handlers publish while they handle", () => {
    const { bus } = setUp();
    let next = 3;
    const seen: Record<string, number[]> = { first: [], second: [], chain: [] };
    const emitMore = ({ seq }: Envelope) => {
      if (seq <= 4) bus.publish([envelope(next++), envelope(next++)]);
    };
    bus.subscribe("first", (e) => {
      seen.first?.push(e.seq);
      emitMore(e);
    });
    bus.observe("chain", (events$) =>
      events$.pipe(
        tap((e) => {
          seen.chain?.push(e.seq);
          if (e.seq === 2) bus.publish([envelope(next++)]);
        }),
      ),
    );
    bus.subscribe("second", (e) => seen.second?.push(e.seq));
    bus.publish(upTo(1, 2));
    const expected = Array.from({ length: next - 1 }, (_, i) => i + 1);
    expect(next).toBeGreaterThan(10);
    expect(seen).toEqual({ first: expected, second: expected, chain: expected });
  });

  it("contains a handler that throws: counted, reported, and nobody misses anything", () => {
    const { bus, errors } = setUp();
    const own: number[] = [];
    const other: number[] = [];
    bus.subscribe("bad", ({ seq }) => {
      if (seq % 2 === 0) throw new Error(`no ${seq}`);
      own.push(seq);
    });
    bus.subscribeGroups("bad group", () => {
      throw new Error("never");
    });
    bus.subscribe("good", ({ seq }) => other.push(seq));
    bus.publish(upTo(1, 4));
    bus.publish(upTo(5, 5));
    expect(own).toEqual([1, 3, 5]);
    expect(other).toEqual([1, 2, 3, 4, 5]);
    expect(errors).toEqual([
      ["bad", "no 2"],
      ["bad", "no 4"],
      ["bad group", "never"],
      ["bad group", "never"],
    ]);
    expect([...bus.failures()]).toEqual([
      ["bad", 2],
      ["bad group", 2],
    ]);
  });

  it("subscribes a failed chain anew for the next envelope", () => {
    const { bus, errors } = setUp();
    const seen: number[] = [];
    const other: number[] = [];
    let built = 0;
    bus.observe("chain", (events$) => {
      built++;
      return events$.pipe(
        map(({ seq }) => {
          if (seq === 2) throw new Error("operator");
          return seq;
        }),
        tap((seq) => seen.push(seq)),
      );
    });
    bus.subscribe("other", ({ seq }) => other.push(seq));
    bus.publish(upTo(1, 4));
    expect(seen).toEqual([1, 3, 4]);
    expect(other).toEqual([1, 2, 3, 4]);
    expect(built).toBe(2);
    expect(errors).toEqual([["chain", "operator"]]);
  });

  it("subscribes a chain anew that failed later, outside of any envelope", async () => {
    const { bus, errors } = setUp();
    const seen: number[] = [];
    bus.observe("late", (events$) =>
      events$.pipe(
        tap(({ seq }) => seen.push(seq)),
        filter(({ seq }) => seq === 1),
        mergeMap(() => Promise.reject(new Error("late"))),
      ),
    );
    bus.publish(upTo(1, 1));
    await expect.poll(() => errors).toEqual([["late", "late"]]);
    bus.publish(upTo(2, 2));
    expect(seen).toEqual([1, 2]);
  });

  it("survives a chain that cannot be built again, and tries with each envelope", () => {
    const { bus, errors } = setUp();
    let built = 0;
    const seen: number[] = [];
    bus.observe("builder", (events$) => {
      built++;
      if (built === 2) throw new Error("not now");
      return events$.pipe(
        tap(({ seq }) => {
          if (seq === 1) throw new Error("first");
          seen.push(seq);
        }),
      );
    });
    bus.publish(upTo(1, 3));
    expect(errors.map(([, message]) => message)).toEqual(["first", "not now"]);
    expect(seen).toEqual([3]);
  });

  it("lets a chain complete, and ends subscriptions when told, also from inside a handler", () => {
    const { bus } = setUp();
    const taken: number[] = [];
    const once: number[] = [];
    const chained: number[] = [];
    bus.observe("taker", (events$) =>
      events$.pipe(
        take(1),
        tap(({ seq }) => taken.push(seq)),
      ),
    );
    const stop = bus.subscribe("once", ({ seq }) => {
      once.push(seq);
      stop();
    });
    const stopChain = bus.observe("chain", (events$) => events$.pipe(tap(({ seq }) => chained.push(seq))));
    bus.publish(upTo(1, 2));
    stopChain();
    bus.publish(upTo(3, 3));
    expect([taken, once, chained]).toEqual([[1], [1], [1, 2]]);
  });

  it("is not disturbed by a reporter that throws", () => {
    const bus = new Bus({
      onError: () => {
        throw new Error("reporter");
      },
    });
    const seen: number[] = [];
    bus.subscribe("bad", () => {
      throw new Error("handler");
    });
    bus.subscribe("good", ({ seq }) => seen.push(seq));
    bus.publish(upTo(1, 2));
    bus.publish(upTo(3, 3));
    expect(seen).toEqual([1, 2, 3]);
    expect(bus.failures().get("bad")).toBe(3);
  });
});
