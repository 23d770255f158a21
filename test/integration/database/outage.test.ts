import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Postgres, postgresMissing } from "../../servers/postgres.ts";
import { balanced, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const SECONDS = Number(process.env.LIFEGUARD_OUTAGE_SECONDS ?? 60);
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

function yaml(ledger: string, rate: number, database: string): string {
  return `
sources:
  counter: { type: ${FIXTURES}counter-source.ts, ledger: ${ledger}, size: 25, rate: ${rate} }
sinks:
  database: { ${database} }
`;
}

function acknowledged(ledger: string): number {
  return readFileSync(ledger, "utf8").split("\n").length - 1;
}

/** Every number that was acknowledged is there once, and the roll-ups know as many. */
async function expectEverything(server: Postgres, count: number): Promise<void> {
  const [events] = await server.query<Record<string, number>>(
    "select count(*)::int as count, count(distinct data)::int as different, max((data::json ->> 'number')::int) as last from events where type = 'counter.counted'",
  );
  expect(events?.count).toBeGreaterThanOrEqual(count);
  expect(events).toEqual({ count: events?.count, different: events?.count, last: events?.count });
  const [days] = await server.query<Record<string, number>>(
    "select sum(oks + warnings + unknowns + criticals)::int as count, sum(criticals)::int as bad from days",
  );
  expect(days).toEqual({ count: events?.count, bad: Math.floor((events?.count as number) / 100) });
  const [episodes] = await server.query<Record<string, number>>(
    "select count(*)::int as count from episodes",
  );
  expect(episodes?.count).toBe(days?.bad);
}

test.skipIf(postgresMissing())(
  `PostgreSQL stopped for ${SECONDS} s, and killed three times: nothing is lost, nothing comes twice`,
  async () => {
    await using server = await Postgres.start();
    using folder = temporaryFolder();
    const ledger = join(folder.path, "ledger");
    await using lifeguard = new Lifeguard(
      folder.path,
      yaml(ledger, 500, 'url: "${env:DATABASE_URL}", retry: { initial: 100ms, max: 1s }'),
      { environment: { DATABASE_URL: server.url.replace("lifeguard@", "lifeguard:hidden-word@") } },
    );
    await lifeguard.ready();
    const caughtUp = () =>
      until(
        "everything to be in PostgreSQL",
        () => (lifeguard.status()?.sinks.database?.unread ?? 1e9) < 1000,
        60_000,
      );
    await until("some events", () => acknowledged(ledger) > 500);

    await server.stop();
    const before = acknowledged(ledger);
    await until(
      "the outage to end",
      () => acknowledged(ledger) - before > SECONDS * 500,
      (SECONDS + 60) * 1000,
    );
    expect(lifeguard.status()?.sinks.database?.unread).toBeGreaterThan(SECONDS * 400);
    await server.start();
    await caughtUp();

    for (let kill = 0; kill < 3; kill++) {
      await server.crash();
      const then = acknowledged(ledger);
      await until("some more events", () => acknowledged(ledger) - then > 1000);
      await server.start();
      // In the middle of the catching up.
      if (kill === 1) {
        await lifeguard.crash();
        await lifeguard.ready();
      }
      await caughtUp();
    }
    const books = lifeguard.status()?.sinks.database;
    expect(books && balanced(books)).toBe(true);
    expect(books?.deadLettered).toBe(0);
    expect(await lifeguard.stop()).toBe(0);
    expect(lifeguard.output).not.toContain("hidden-word");
    // What the stop left in the journal comes with the next start.
    await lifeguard.ready();
    await caughtUp();
    const count = acknowledged(ledger);
    await until("all that was acknowledged", async () => {
      const [row] = await server.query<{ last: number }>(
        "select max((data::json ->> 'number')::int) as last from events",
      );
      return (row?.last ?? 0) >= count;
    });
    expect(await lifeguard.stop()).toBe(0);
    await expectEverything(server, count);
  },
  (SECONDS + 180) * 1000,
);

test("lifeguard history tells from a file of its own what happened, also after kill -9", async () => {
  using folder = temporaryFolder();
  const ledger = join(folder.path, "ledger");
  await using lifeguard = new Lifeguard(folder.path, yaml(ledger, 200, ""));
  await lifeguard.ready();
  await until("some episodes", () => acknowledged(ledger) > 600);
  await lifeguard.crash();
  await lifeguard.ready();
  const report = await until("the history", () => {
    const { stdout } = lifeguard.cli("history", "counter/main", "--since", "1d", "-o", "json");
    const told = JSON.parse(stdout);
    return told.episodes.length > 5 ? told : undefined;
  });
  expect(report.days).toHaveLength(1);
  expect(report.changes.length).toBeGreaterThanOrEqual(2 * report.episodes.length - 1);
  const text = lifeguard.cli("history", "counter/main");
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(
    /^counter\/main {2}counter {2}up \d+(\.\d+)? % in 7 days, \d+ critical episodes \(/,
  );
  expect(lifeguard.cli("history", "no/thing").code).toBe(1);
});
