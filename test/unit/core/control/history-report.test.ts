import { expect, test } from "vitest";
import { historyReport } from "../../../../src/core/control/history-report.ts";
import type { DaysQuery, History } from "../../../../src/plugin/index.ts";

const UNTIL = "2026-03-10T12:00:00.000Z";

/** A history without anything, that says whether there is more. */
function history(asked: DaysQuery[], next: string | null): History {
  return {
    async days(query) {
      asked.push(query);
      return { items: [], next: null };
    },
    episodes: async () => ({ items: [], next }),
    events: async () => ({ items: [], next: null }),
    measures: async () => [],
  };
}

const report = (from: History, since: string, until = UNTIL) =>
  historyReport(
    from,
    new URLSearchParams({ subject: "promise/one", since, until }),
    new AbortController().signal,
  );

test("seven days are as many as on the page, today and six before it; since a date is that day, too", async () => {
  const asked: DaysQuery[] = [];
  const from = history(asked, null);
  await report(from, "2026-03-03T12:00:00.000Z");
  await report(from, "2026-03-10T11:00:00.000Z");
  await report(from, "2026-03-03T00:00:00.000Z");
  expect(asked.map(({ days }) => days)).toEqual([7, 1, 8]);
});

test("whether there is more than it tells is said", async () => {
  expect((await report(history([], null), UNTIL)).more).toEqual({ episodes: false, changes: false });
  expect((await report(history([], "cursor"), UNTIL)).more).toEqual({ episodes: true, changes: false });
});

test("a span that ends before it begins, or that is none, is refused", async () => {
  for (const until of ["2026-03-09T12:00:00.000Z", "", "noon"])
    await expect(report(history([], null), UNTIL, until)).rejects.toMatchObject({ code: "CONTROL_REQUEST" });
});
