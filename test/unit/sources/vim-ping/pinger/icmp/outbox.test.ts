import { expect, it } from "vitest";
import { parseAddress } from "../../../../../../src/sources/vim-ping/pinger/address.ts";
import { Outbox, readRounds } from "../../../../../../src/sources/vim-ping/pinger/icmp/outbox.ts";
import { TargetTable } from "../../../../../../src/sources/vim-ping/pinger/icmp/target-table.ts";
import type { PingRound, Unmeasured } from "../../../../../../src/sources/vim-ping/pinger/port.ts";
import { fc } from "../../../../../support/property.ts";

const COUNT = 8;

it("brings rounds to the other side as they were, and leaves out those of targets that are gone", () => {
  const round = fc.record({
    target: fc.nat(40),
    sent: fc.nat(COUNT),
    times: fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: COUNT }),
    unmeasured: fc.constantFrom<Unmeasured | null>(null, "privilege", "backend", "stall", "own-network"),
    reason: fc.option(fc.constantFrom("host unreachable from 192.0.2.1", "held up")),
  });
  const address = parseAddress("127.0.0.1");
  fc.assert(
    fc.property(fc.array(round, { maxLength: 400 }), fc.nat(40), (rounds, gone) => {
      const table = new TargetTable();
      const outbox = new Outbox();
      for (let index = 0; index <= 40; index++)
        if (address)
          table.fill(
            { index, generation: 3, interval: 1000, timeout: 300, count: COUNT, confirm: 1, phase: 0 },
            address,
            1,
            1,
          );
      for (const { target, sent, times, unmeasured, reason } of rounds) {
        table.received[target] = times.length;
        table.times.set(times, target * table.stride);
        outbox.add(table, target, sent, unmeasured, reason);
      }
      const read: PingRound[] = [];
      readRounds(
        outbox.take(),
        (index, generation) => (generation === 3 && index !== gone ? `t${index}` : undefined),
        (round) => read.push(round),
      );
      expect(read).toEqual(
        rounds
          .filter(({ target }) => target !== gone)
          .map(({ target, times, ...rest }) => ({
            id: `t${target}`,
            received: times.length,
            times,
            ...rest,
          })),
      );
      expect(outbox.empty).toBe(true);
    }),
  );
});

it("is urgent while it holds a round without an answer", () => {
  const table = new TargetTable();
  const address = parseAddress("127.0.0.1");
  if (!address) throw new Error("no address");
  const spec = { index: 0, generation: 1, interval: 1000, timeout: 300, count: 1, confirm: 1, phase: 0 };
  table.fill(spec, address, 1, 1);
  const outbox = new Outbox();
  table.received[0] = 1;
  outbox.add(table, 0, 1, null, null);
  expect(outbox.urgent).toBe(false);
  table.received[0] = 0;
  outbox.add(table, 0, 1, null, null);
  expect(outbox.urgent).toBe(true);
  outbox.take();
  expect(outbox.urgent).toBe(false);
});
