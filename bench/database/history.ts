import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { History, Sink, SubjectState } from "../../src/plugin/index.ts";
import { databaseSink } from "../../src/sinks/database/sink.ts";
import type { Place } from "../../src/sinks/database/store/connected.ts";
import { subjectKey } from "../../src/sinks/database/store/subject-key.ts";
import { Postgres, postgresMissing } from "../../test/servers/postgres.ts";
import { pastEnvelope } from "../support/past-envelope.ts";
import { median, report } from "../support/report.ts";
import { ORIGIN, sinkContext } from "../support/sink-context.ts";

/*
 * What a page asks of the history: 1,000 subjects with 90 days each, two million events and as many measured values, in SQLite and in
 * PostgreSQL; once in peace, and once while batches are written as fast as they go. One JSON object a line.
 */

const SUBJECTS = 1000;
const DAYS = 90;
const EVENTS = 2_000_000;
const EPISODES = 20_000;
const BATCH = 1000;
const DAY_MS = 86_400_000;
const TODAY = Math.floor(Date.now() / DAY_MS);
const END = Date.now();
/** Of all events, spread evenly. */
const STEP_MS = Math.floor((30 * DAY_MS) / EVENTS);
const START = END - EVENTS * STEP_MS;

/** What a page asks, and within how many milliseconds it should know. */
const QUESTIONS: Readonly<Record<string, { ask(history: History): Promise<unknown>; atMost: number }>> = {
  days_of_all: { ask: allDays, atMost: 300 },
  days_of_one: { ask: (history) => history.days({ subject: "promise/check-77" }), atMost: 50 },
  changes_of_all: { ask: (history) => history.events({ changes: true }), atMost: 50 },
  changes_of_one: {
    ask: (history) => history.events({ subject: "promise/check-77", changes: true }),
    atMost: 50,
  },
  events_of_one: { ask: (history) => history.events({ subject: "promise/check-77" }), atMost: 50 },
  episodes_of_all: { ask: (history) => history.episodes({}), atMost: 50 },
  episodes_of_one: { ask: (history) => history.episodes({ subject: "promise/check-77" }), atMost: 50 },
  episodes_of_a_week: {
    ask: (history) => history.episodes({ since: new Date(END - 7 * DAY_MS).toISOString() }),
    atMost: 50,
  },
  measures_of_one: { ask: (history) => history.measures({ subject: "promise/check-77" }), atMost: 50 },
  measures_of_a_month: {
    ask: (history) =>
      history.measures({ subject: "promise/check-77", since: new Date(END - 30 * DAY_MS).toISOString() }),
    atMost: 50,
  },
};

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
try {
  await measure("sqlite", { kind: "sqlite", path: join(folder, "history.db") }, async (statements) => {
    const database = new DatabaseSync(join(folder, "history.db"));
    for (const text of statements) database.exec(text);
    database.close();
  });
  if (!postgresMissing()) {
    await using server = await Postgres.start();
    await measure("postgres", { kind: "postgres", url: server.url, pool: 4 }, async (statements) => {
      for (const text of statements) await server.query(text);
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(
  name: "sqlite" | "postgres",
  place: Place,
  run: (statements: readonly string[]) => Promise<void>,
): Promise<void> {
  const keep = {
    events: 3650 * DAY_MS,
    measures: 3650 * DAY_MS,
    episodes: 3650 * DAY_MS,
    days: 3650 * DAY_MS,
  };
  const open = () => databaseSink({ place, retention: keep, started: 0 }, sinkContext({ find: standing }));
  // Makes the tables.
  await (await open()).close();
  await run(filling(name));
  const sink = await open();
  const history = sink.history as History;
  for (const [question, { ask, atMost }] of Object.entries(QUESTIONS)) {
    const times = await timesOf(() => ask(history), 15);
    report({ name: `history.${name}.${question}`, value: median(times), unit: "ms", atMost });
  }
  await underLoad(name, sink);
  await sink.close();
}

async function allDays(history: History): Promise<void> {
  let after: string | undefined;
  let subjects = 0;
  do {
    const { items, next } = await history.days({ limit: 200, days: DAYS, after });
    subjects += items.length;
    after = next ?? undefined;
  } while (after !== undefined);
  if (subjects !== SUBJECTS) throw new Error(`${subjects} subjects instead of ${SUBJECTS}`);
}

/** Page views while a backlog is written, and how fast it is written with and without them. */
async function underLoad(name: string, sink: Sink): Promise<void> {
  const { signal } = new AbortController();
  let written = 0;
  const flood = async (until: () => boolean) => {
    const [began, before] = [performance.now(), written];
    while (!until()) {
      const batch = Array.from({ length: BATCH }, (_, index) => pastEnvelope(written + index, END));
      await sink.write?.(batch, signal);
      written += BATCH;
    }
    return (1000 * (written - before)) / (performance.now() - began);
  };
  const forSeconds = (seconds: number) => {
    const end = performance.now() + seconds * 1000;
    return () => performance.now() > end;
  };
  await flood(forSeconds(1));
  const alone = await flood(forSeconds(3));
  const history = sink.history as History;
  const pages: number[] = [];
  const single: number[] = [];
  let over = false;
  const views = (async () => {
    for (let view = 0; view < 12; view++) {
      await pause(200);
      single.push(
        ...(await timesOf(() => history.events({ subject: "promise/check-77", changes: true }), 1)),
      );
      pages.push(...(await timesOf(() => allDays(history), 1)));
    }
    over = true;
  })();
  const beside = await flood(() => over);
  await views;
  report({ name: `history.${name}.flood.days_of_all`, value: median(pages), unit: "ms", atMost: 1000 });
  report({ name: `history.${name}.flood.changes_of_one`, value: median(single), unit: "ms", atMost: 250 });
  report({ name: `history.${name}.flood.longest`, value: Math.max(...pages, ...single), unit: "ms" });
  report({
    name: `history.${name}.flood.rate`,
    value: beside / alone,
    unit: "1",
    baseline: 1,
    atLeast: 0.5,
  });
}

async function timesOf(ask: () => Promise<unknown>, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return times;
}

/** The board's word on a subject: it is watched, and well. */
function standing(subject: string): readonly SubjectState[] {
  return [{ subject, source: "promises", origin: ORIGIN, stale: null } as SubjectState];
}

/** Fills the tables as the sink would have. */
function filling(name: "sqlite" | "postgres"): readonly string[] {
  const to = (last: number) =>
    name === "postgres"
      ? `generate_series(0, ${last - 1}) as numbers (n)`
      : `(with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${last - 1}) select n from numbers) as numbers`;
  const text = (expression: string) => `cast(${expression} as text)`;
  const days = SUBJECTS * DAYS;
  const rows = Array.from({ length: SUBJECTS }, (_, index) => {
    const subject = `promise/check-${index}`;
    const key = subjectKey(ORIGIN, "promises", subject);
    return `(${index + 1}, '${key}', '${ORIGIN}', 'promises', '${subject}', 0, 'OK', 'all is well', ${START}, ${END}, ${END}, 0)`;
  });
  const sketch = Array.from({ length: 24 }, (_, bucket) => `${bucket + 20}:${(bucket * 37) % 90}`).join(",");
  return [
    `insert into subjects (id, key, origin, source, subject, status, state, message, since, time, accounted, standing) values ${rows.join(", ")}`,
    `insert into days (subject_id, day, up, down, unknown, oks, warnings, unknowns, criticals, worst, latency, p50, p95)
     select n / ${DAYS} + 1, ${TODAY - DAYS + 1} + n % ${DAYS}, 86000000, 400000, 0, 1430, 4, 0, 6, n % 4, '${sketch}', 12.3, 45.6 from ${to(days)}`,
    `insert into events (seq, id, subject_id, time, received, type, status, state, message, change, previous, since, episode, labels, measures, data)
     select n + 1, '0190' || ${text("10000000 + n")}, n % ${SUBJECTS} + 1, ${START} + ${STEP_MS} * cast(n as bigint), ${START} + ${STEP_MS} * cast(n as bigint), 'promise.checked', 0, 'OK', 'all is well, number ' || ${text("n")}, case when n % 97 = 0 then 1 else 0 end, 0, ${START}, null, '{"team":"platform"}', '{"duration":{"value":0.0123,"unit":"s"}}', '{"number":1}' from ${to(EVENTS)}`,
    `insert into episodes (id, subject_id, began, ended, worst, events, state, message)
     select 'episode-' || ${text("n")}, n % ${SUBJECTS} + 1, ${START} + ${(EVENTS / EPISODES) * STEP_MS} * cast(n as bigint), ${START} + ${(EVENTS / EPISODES) * STEP_MS} * cast(n as bigint) + 60000, 3, 5, 'BAD', 'not well' from ${to(EPISODES)}`,
    `insert into series (id, subject_id, name, unit) select ${EVENTS} + n + 1, n + 1, 'duration', 's' from ${to(SUBJECTS)}`,
    `insert into measures (series_id, time, seq, value)
     select ${EVENTS} + n / ${EVENTS / SUBJECTS} + 1, ${START} + ${STEP_MS * SUBJECTS} * cast(n % ${EVENTS / SUBJECTS} as bigint), n + 1, 0.01 * (n % 100) from ${to(EVENTS)}`,
    `update writer set next = ${EVENTS + SUBJECTS + 1}, rolled = ${EVENTS + SUBJECTS} where id = 1`,
    "analyze",
  ];
}
