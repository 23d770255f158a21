import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import database from "../../src/sinks/database/index.ts";
import { databaseSink } from "../../src/sinks/database/sink.ts";
import { EVENT_COLUMNS, type EventRow, type MeasureRow } from "../../src/sinks/database/store/bulk.ts";
import type { Place } from "../../src/sinks/database/store/connected.ts";
import { CopyIn } from "../../src/sinks/database/store/copy-in.ts";
import { Postgres, postgresMissing } from "../../test/servers/postgres.ts";
import { pastEnvelope } from "../support/past-envelope.ts";
import { median, report } from "../support/report.ts";
import { sinkContext } from "../support/sink-context.ts";

/*
 * The sink database, from batches as delivery hands them over to their commit, events, current state, measures, episodes and roll-ups
 * included, against the bare insertion of the same rows of events and measures into tables with the same keys and indexes, in
 * transactions of as many events: prepared statements with SQLite, COPY with PostgreSQL. One JSON object a line.
 */

const EVENTS = 40_000;
const WARM_UP = 10_000;
const BATCH = database.batch.maxEvents;
const ROUNDS = 5;
const START = Date.UTC(2026, 0, 1);

const envelopes = Array.from({ length: EVENTS + WARM_UP }, (_, index) => pastEnvelope(index, START));
const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
try {
  await sqlite();
  if (!postgresMissing()) await postgres();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function sqlite(): Promise<void> {
  const [rates, bares]: [number[], number[]] = [[], []];
  let delay = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const path = join(folder, `own-${round}`);
    const own = await measureSink({ kind: "sqlite", path });
    rates.push(own.rate);
    delay = own.delay;
    bares.push(bareSqlite(path, join(folder, `bare-${round}`)));
  }
  const [rate, bare, ratio] = summary(rates, bares);
  report({ name: "database.sqlite.rate", value: rate, unit: "events/s", baseline: bare, atLeast: 50_000 });
  report({ name: "database.sqlite.ratio", value: ratio, unit: "1", baseline: 1, atLeast: 0.5 });
  report({ name: "database.sqlite.loop_delay_p99", value: delay, unit: "ms", atMost: 10 });
}

async function postgres(): Promise<void> {
  await using server = await Postgres.start();
  const [rates, bares]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    await server.query(`create database own_${round}`);
    const url = server.url.replace(/postgres$/, `own_${round}`);
    rates.push((await measureSink({ kind: "postgres", url, pool: 4 })).rate);
    bares.push(await barePostgres(url));
    await server.query(`drop database own_${round}`);
  }
  const [rate, bare, ratio] = summary(rates, bares);
  report({ name: "database.postgres.rate", value: rate, unit: "events/s", baseline: bare, atLeast: 20_000 });
  report({ name: "database.postgres.ratio", value: ratio, unit: "1", baseline: 1, atLeast: 0.5 });
}

/**
 * Of several rounds: the best rates, as nothing but other work on the machine makes one slower, and the median of the ratios, as the halves
 * of a round run one after the other, on the same machine in the same mood.
 */
function summary(rates: readonly number[], bares: readonly number[]): [number, number, number] {
  const ratios = rates.map((rate, round) => rate / (bares[round] as number));
  return [Math.max(...rates), Math.max(...bares), median(ratios)];
}

/** Events a second, and the 99th percentile of the event loop's delay in milliseconds. */
async function measureSink(place: Place): Promise<{ rate: number; delay: number }> {
  const day = 86_400_000;
  const retention = { events: 3650 * day, measures: 3650 * day, episodes: 3650 * day, days: 3650 * day };
  const sink = await databaseSink({ place, retention, started: 0 }, sinkContext());
  const { signal } = new AbortController();
  const write = async (from: number, to: number) => {
    for (let at = from; at < to; at += BATCH) await sink.write?.(envelopes.slice(at, at + BATCH), signal);
  };
  await write(0, WARM_UP);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const began = performance.now();
  await write(WARM_UP, WARM_UP + EVENTS);
  const rate = (1000 * EVENTS) / (performance.now() - began);
  loop.disable();
  await sink.close();
  return { rate, delay: loop.percentile(99) / 1e6 };
}

/** The rows that the sink wrote, written again into an empty copy of the same tables. */
function bareSqlite(from: string, path: string): number {
  const source = new DatabaseSync(from, { readOnly: true });
  const rows = rowsOf(
    source.prepare("select * from events order by seq").all(),
    source.prepare("select * from measures order by seq").all(),
  );
  const schema = source
    .prepare("select sql from sqlite_master where tbl_name in ('events', 'measures') and sql is not null")
    .all();
  source.close();
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384; pragma wal_autocheckpoint = 4000",
  );
  for (const { sql } of schema) database.exec(String(sql));
  const event = database.prepare(`insert into events values (${EVENT_COLUMNS.map(() => "?").join(", ")})`);
  const measure = database.prepare("insert into measures values (?, ?, ?, ?)");
  let began = 0;
  for (const [index, batch] of rows.entries()) {
    if (index === WARM_UP / BATCH) began = performance.now();
    database.exec("begin");
    for (const row of batch.events) event.run(...row);
    for (const row of batch.measures) measure.run(...row);
    database.exec("commit");
  }
  const rate = (1000 * EVENTS) / (performance.now() - began);
  database.close();
  return rate;
}

async function barePostgres(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows = rowsOf(
    (await client.query("select * from events order by seq")).rows,
    (await client.query("select * from measures order by seq")).rows,
  );
  await client.query("truncate events, measures");
  let began = 0;
  for (const [index, batch] of rows.entries()) {
    if (index === WARM_UP / BATCH) began = performance.now();
    await client.query("begin");
    const copy = new CopyIn([
      { table: "events", columns: EVENT_COLUMNS },
      { table: "measures", columns: ["series_id", "time", "seq", "value"] },
    ]);
    client.query(copy);
    copy.send(batch.events);
    copy.next();
    copy.send(batch.measures);
    copy.next();
    await copy.done;
    await client.query("commit");
  }
  const rate = (1000 * EVENTS) / (performance.now() - began);
  await client.end();
  return rate;
}

type Found = Readonly<Record<string, EventRow[number]>>;

function rowsOf(events: readonly unknown[], measures: readonly unknown[]) {
  const batches: { events: EventRow[]; measures: MeasureRow[] }[] = [];
  const batchOf = (index: number) => {
    const place = Math.floor(index / BATCH);
    batches[place] ??= { events: [], measures: [] };
    return batches[place];
  };
  for (const [index, row] of (events as readonly Found[]).entries())
    batchOf(index).events.push(EVENT_COLUMNS.map((name) => row[name] ?? null));
  // One measure an event.
  for (const [index, row] of (measures as readonly Found[]).entries()) {
    const { series_id, time, seq, value } = row as unknown as Record<string, number>;
    batchOf(index).measures.push([series_id as number, time as number, seq as number, value as number]);
  }
  return batches;
}
