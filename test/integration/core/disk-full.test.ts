import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { fillUp, smallDisk } from "../../support/small-disk.ts";
import { until } from "../../support/until.ts";
import { envelopes, open } from "../../unit/core/journal/support.ts";

test("a full disk is reported, nothing is lost or out of order, and it goes on when there is room", async (context) => {
  const path = smallDisk(context, 8);
  await using opened = await open(path);
  const { journal } = opened;
  await journal.append({ events: envelopes(1, 1000) });
  const ballast = fillUp(path, 64 * 1024);

  const order: number[] = [];
  const appends = Array.from({ length: 20 }, (_, index) =>
    journal
      .append({
        events: envelopes(1001 + index * 100, 100),
        state: [{ owner: "source/a", key: "next", value: 1101 + index * 100 }],
      })
      .then(() => order.push(index)),
  );
  await until("the failure is reported", () => journal.status().failing);
  expect(opened.statuses[0]?.failing).toMatch(/full/);
  expect(opened.log.some((line) => /^error .*full/.test(line))).toBe(true);
  const before = journal.head;
  expect(journal.read(0, 10_000, 1e9).map(({ seq }) => seq)).toEqual(
    envelopes(1, before).map(({ seq }) => seq),
  );

  // It stays so: more appends wait, none of them is acknowledged.
  appends.push(journal.append({ events: envelopes(3001, 1) }).then(() => order.push(20)));
  await until("more attempts", () => journal.status().failing);
  expect(order.length * 100 + 1000).toBe(before);

  rmSync(ballast);
  await Promise.all(appends);
  expect(order).toEqual(appends.map((_, index) => index));
  expect(journal.status().failing).toBeNull();
  expect(opened.statuses.at(-1)?.failing).toBeNull();
  expect(opened.committed.map(({ seq }) => seq)).toEqual(envelopes(1, 3001).map(({ seq }) => seq));
  expect(journal.state("source/a", "")).toEqual([["next", 3001]]);

  await opened.close();
  await using again = await open(path);
  expect(again.journal.head).toBe(3001);
  expect(again.log).toEqual([]);
});

test("a journal closes within its deadline while the disk is full, and loses nothing that was acknowledged", async (context) => {
  const path = smallDisk(context, 8);
  const opened = await open(path);
  await opened.journal.append({ events: envelopes(1, 500) });
  const ballast = fillUp(path, 0);
  const waiting = opened.journal.append({ events: envelopes(501, 2000) }).then(
    () => "committed",
    (error: { code: string }) => error.code,
  );
  await until("the failure is reported", () => opened.journal.status().failing);
  const start = performance.now();
  await opened.journal.close(AbortSignal.timeout(300));
  expect(performance.now() - start).toBeLessThan(2000);
  expect(await waiting).toBe("JOURNAL_CLOSED");
  rmSync(ballast);
  await using again = await open(path);
  expect(again.journal.head).toBe(500);
});

test("a journal that lives on a full disk at its start is told, not moved", async (context) => {
  const path = smallDisk(context, 8);
  const first = await open(path);
  await first.journal.append({ events: envelopes(1, 10) });
  await first.close();
  const ballast = fillUp(path, 0);
  const outcome = await open(path).then(
    async (opened) => {
      const waits = opened.journal.append({ events: envelopes(11, 5) });
      await until("the failure is reported", () => opened.journal.status().failing);
      rmSync(ballast);
      await waits;
      await opened.close();
      return "opened";
    },
    (error: { code: string }) => error.code,
  );
  expect(["opened", "JOURNAL_OPEN"]).toContain(outcome);
  rmSync(ballast, { force: true });
  await using again = await open(path);
  expect(again.journal.head).toBeGreaterThanOrEqual(10);
  expect(again.log).toEqual([]);
});
