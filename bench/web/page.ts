import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Lifeguard } from "../../test/support/lifeguard.ts";
import { until } from "../../test/support/until.ts";
import { median, report } from "../support/report.ts";

/*
 * The page of a thousand services, each with ninety days out of a real database, of a real process, from request to first byte and in gzip.
 * Something is new at every request, so that no page is one that was made before. The baseline is the same page when nothing is new. The
 * best of the rounds counts: the machine is busy. Then what an open page asks for when something has changed.
 */

const SERVICES = 1000;
const REQUESTS = 50;
const ROUNDS = 3;
/** Milliseconds between two results of the source, and between two requests: longer, so that each finds something new. */
const EVERY = 20;
const BETWEEN = 30;
const GZIP_LIMIT = 60 * 1024;
const DAYS = 90;

interface Answer {
  /** Milliseconds. */
  readonly firstByte: number;
  readonly bytes: number;
  readonly tag: string | undefined;
}

const SOURCE = fileURLToPath(new URL("../support/thousand-source.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
const agent = new Agent({ keepAlive: true });
try {
  const fresh = await measure(EVERY);
  const kept = await measure(3_600_000);
  report({ name: "web.page.ttfb_p50", value: fresh.p50, unit: "ms", baseline: kept.p50, atMost: 20 });
  report({ name: "web.page.ttfb_worst", value: fresh.worst, unit: "ms", baseline: kept.worst });
  report({ name: "web.page.gzip", value: fresh.bytes, unit: "bytes", atMost: GZIP_LIMIT });
} finally {
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(every: number): Promise<{ p50: number; worst: number; bytes: number }> {
  const yaml = `sources:\n  thousand: { type: ${SOURCE}, every: ${every}, days: ${DAYS} }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n  database: {}\n`;
  await using lifeguard = new Lifeguard(mkdtempSync(join(folder, "run-")), yaml);
  lifeguard.start();
  const url = await lifeguard.url();
  await until("a thousand results", async () => {
    const text = await (await fetch(url, { headers: { accept: "text/plain" } })).text();
    return text.split("\n").filter((line) => /^(ok|critical)\t/.test(line)).length >= SERVICES;
  });
  // The page reads them again every minute.
  const bars = async () => {
    const text = await (await fetch(url, { headers: { accept: "text/html" } })).text();
    return text.split('class="bar"').length > SERVICES && !text.includes('class="nothing"');
  };
  await until("the days of all services", bars, 120_000);
  const rounds: Answer[][] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const answers: Answer[] = [];
    for (let request = 0; request < REQUESTS; request++) {
      answers.push(await page(url));
      await pause(BETWEEN);
    }
    if (round > 0) rounds.push(answers);
  }
  const tags = new Set(rounds.flat().map(({ tag }) => tag));
  if (every === EVERY && tags.size < (ROUNDS * REQUESTS) / 2) throw new Error("the pages were not new");
  const times = rounds.map((answers) => answers.map(({ firstByte }) => firstByte));
  return {
    p50: Math.min(...times.map(median)),
    worst: Math.min(...times.map((some) => Math.max(...some))),
    bytes: Math.max(...rounds.flat().map(({ bytes }) => bytes)),
  };
}

async function page(url: string): Promise<Answer> {
  const began = performance.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { accept: "text/html", "accept-encoding": "gzip" };
    get(url, { agent, headers }, resolve).on("error", reject);
  });
  const firstByte = performance.now() - began;
  if (response.statusCode !== 200 || response.headers["content-encoding"] !== "gzip")
    throw new Error(`not a page: ${response.statusCode}`);
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  return { firstByte, bytes, tag: response.headers.etag };
}
