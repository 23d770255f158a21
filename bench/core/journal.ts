import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { openJournal } from "../../src/core/journal/journal.ts";
import type { Journal, SubjectRow } from "../../src/core/journal/port.ts";
import { systemClock } from "../../src/core/system-clock.ts";
import type { Envelope } from "../../src/plugin/index.ts";

/*
 * The journal alone, from append to commit, against a bare node:sqlite loop over the same rows: the same envelopes, stringified, in
 * transactions of 1,000 with synchronous=FULL. One JSON object a line.
 */

const EVENTS = 100_000;
const GROUP = 1000;
const WARM_UP = 20_000;
const silent = { debug() {}, info() {}, warn() {}, error: console.error };
const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

try {
  const bare: Cost[] = [];
  const journal: Cost[] = [];
  for (let round = 0; round < 3; round++) {
    bare.push(await measure(() => bareLoop(join(folder, `bare-${round}`))));
    journal.push(await measureJournal(join(folder, `journal-${round}`)));
  }
  const rate = (costs: readonly Cost[]) => EVENTS / Math.min(...costs.map(({ wall }) => wall));
  const cpu = Math.min(...journal.map((cost) => cost.cpu));
  report("core.journal.rate_ratio", rate(journal) / rate(bare), "1", rate(bare), 0.4, "least");
  report("core.journal.rate", rate(journal), "events/s", rate(bare), null, "least");
  const bareCpu = Math.min(...bare.map((cost) => cost.cpu));
  report("core.journal.cpu_per_100k", cpu, "s", bareCpu, null, "most");
  report("core.journal.cpu_ratio", cpu / bareCpu, "1", bareCpu, 1.6, "most");
  report("core.journal.loop_delay_p99", await loopDelay(join(folder, "slow")), "ms", null, 20, "most");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function envelope(seq: number): Envelope {
  return {
    seq,
    received: "2026-01-01T00:00:00.000Z",
    event: {
      id: `0191e2c4-7d8a-7c3e-9f1a-${String(seq).padStart(12, "0")}`,
      time: "2026-01-01T00:00:00.000Z",
      origin: "k3v9mzq2w8ab",
      source: "promises",
      type: "promise.checked",
      subject: `promise/check-${seq % 100}`,
      status: "ok",
      state: "OK",
      message: `all is well, number ${seq}`,
      labels: {},
      measures: { duration: { value: 0.0123, unit: "s" } },
      data: { number: seq },
    },
    change: false,
    previous: "ok",
    since: "2026-01-01T00:00:00.000Z",
    episode: null,
  };
}

async function measure(work: () => unknown): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

function bareLoop(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, received INTEGER, position INTEGER, change INTEGER, own_id TEXT, body TEXT)",
  );
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)");
  for (let seq = 1; seq <= EVENTS; ) {
    database.exec("BEGIN");
    for (let count = 0; count < GROUP; count++, seq++)
      insert.run(seq, 1767225600000, seq * 500, 0, null, JSON.stringify(envelope(seq)));
    database.exec("COMMIT");
  }
  database.close();
}

function open(path: string, commitDelay = 0): Promise<Journal> {
  return openJournal({
    path,
    originFile: null,
    clock: systemClock,
    log: silent,
    onCommitted: () => {},
    commitDelay,
    options: {
      memory: false,
      sync: "full",
      maxAge: Number.POSITIVE_INFINITY,
      maxBytes: 2 ** 40,
      maxUnreadBytes: 2 ** 40,
    },
  });
}

async function measureJournal(path: string): Promise<Cost> {
  const journal = await open(path);
  // The bare loop runs warm from its second round on; each journal has a new thread, which must warm up too.
  await flood(journal, 1, WARM_UP);
  const cost = await measure(() => flood(journal, WARM_UP + 1, WARM_UP + EVENTS));
  await journal.close(AbortSignal.timeout(10_000));
  return cost;
}

/** Appends as intake does, with a subject's row for each event, and waits when so many wait. */
async function flood(journal: Journal, first: number, last: number): Promise<void> {
  const waiting: Array<Promise<void>> = [];
  for (let seq = first; seq <= last; ) {
    const group = Array.from({ length: 250 }, () => envelope(seq++));
    const subjects = group.map(
      (latest): SubjectRow => ({
        origin: latest.event.origin,
        source: latest.event.source,
        subject: latest.event.subject,
        latest,
        measures: null,
        description: null,
      }),
    );
    waiting.push(journal.append({ events: group, subjects }));
    if (waiting.length >= 16) await waiting.shift();
  }
  await Promise.all(waiting);
}

async function loopDelay(path: string): Promise<number> {
  const journal = await open(path, 100);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await flood(journal, 1, EVENTS / 2);
  delay.disable();
  await journal.close(AbortSignal.timeout(10_000));
  return delay.percentile(99) / 1e6;
}

function report(
  name: string,
  value: number,
  unit: string,
  baseline: number | null,
  goal: number | null,
  kind: "least" | "most",
): void {
  const pass = goal === null || (kind === "least" ? value >= goal : value <= goal);
  console.log(JSON.stringify({ name, value, unit, baseline, goal, pass }));
}
