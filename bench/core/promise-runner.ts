import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { CStrings, cString } from "../../src/sources/promises/c-strings.ts";
import promises from "../../src/sources/promises/index.ts";
import { loadLibc } from "../../src/sources/promises/libc.ts";
import { Harness } from "../../src/testkit/index.ts";

/*
 * The whole way of a promise (spawn, verdict, status file, event, journal) against a bare posix_spawn loop over the same executables, at
 * two sizes of the process. CPU is that of this process, its threads and its children. One JSON object a line.
 */

const PROMISES = 1000;
const LANES = 16;
const BALLAST = 340 * 2 ** 20;

const loaded = loadLibc();
if ("why" in loaded) throw new Error(`no posix_spawn here: ${loaded.why}`);
const { libc } = loaded;
const ffi = process.getBuiltinModule("node:ffi");
const { getrusage } = ffi.dlopen(null, {
  getrusage: { return: "i32", arguments: ["i32", "buffer"] },
}).functions;

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
const directory = join(folder, "promises");
mkdirSync(directory);
const files = Array.from({ length: PROMISES }, (_, index) => {
  const file = join(directory, `promise-${index}`);
  writeFileSync(file, `#!/bin/sh\necho '{"message": "number ${index} is fine"}'\n`);
  chmodSync(file, 0o755);
  return file;
});

/** Milliseconds that each call of posix_spawn took: it is what holds up the event loop. */
let calls: number[] = [];
const { posix_spawn: posixSpawn } = libc;
libc.posix_spawn = (...words) => {
  const began = performance.now();
  const errno = posixSpawn(...words);
  calls.push(performance.now() - began);
  return errno;
};

const harness = await Harness.start({
  sources: {
    promises: { definition: promises, config: { directory, frequency: "0 0 1 1 *", concurrency: LANES } },
  },
  dataDirectory: join(folder, "data"),
});
try {
  while (harness.events({ types: ["promise.passed"] }).length < PROMISES)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (let warmUp = 0; warmUp < 3; warmUp++) await whole();
  await measureAt("small");
  const ballast = Buffer.alloc(BALLAST, 1);
  await measureAt("large");
  if (ballast[0] !== 1) throw new Error("the ballast was thrown out");
} finally {
  await harness.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAt(size: "small" | "large"): Promise<void> {
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  const runs: Array<{
    ratio: number;
    cpu: number;
    bare: number;
    blocks: number;
    bareBlocks: number;
    delay: number;
  }> = [];
  for (let round = 0; round < 3; round++) {
    calls = [];
    const bare = (await cost(bareLoop)) / PROMISES;
    const bareBlocks = Math.max(...calls);
    calls = [];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const cpu = (await cost(whole)) / PROMISES;
    delay.disable();
    const blocks = Math.max(...calls);
    runs.push({ ratio: cpu / bare, cpu, bare, blocks, bareBlocks, delay: delay.percentile(99) / 1e6 });
  }
  const [best] = runs.sort((a, b) => a.ratio - b.ratio);
  if (!best) return;
  report(`promises.cpu_ratio.${size}`, best.ratio, "1", best.bare, 2);
  report(`promises.cpu_per_run.${size}`, best.cpu, "ms", best.bare, null);
  // Beside it, the longest of the bare loop: what the machine's other work makes of a call that competes with nothing of ours.
  const [quietest] = [...runs].sort((a, b) => a.blocks - b.blocks);
  if (quietest) report(`promises.spawn_blocks_max.${size}`, quietest.blocks, "ms", quietest.bareBlocks, 10);
  report(`promises.loop_delay_p99.${size}`, Math.min(...runs.map(({ delay }) => delay)), "ms", null, 10);
  report(`promises.memory.${size}`, rss, "MiB", null, null);
}

/** Every promise once, through everything. */
async function whole(): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < PROMISES) await harness.run(`promise/promise-${next++}`);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Every executable once, one after the other, its output thrown away. */
function bareLoop(): void {
  const actions = Buffer.alloc(256);
  const attributes = Buffer.alloc(1024);
  const pid = Buffer.alloc(4);
  const environment = new CStrings(["PATH=/usr/bin:/bin"], libc);
  libc.posix_spawn_file_actions_init(actions);
  libc.posix_spawn_file_actions_addopen(actions, 1, cString("/dev/null"), 1, 0);
  libc.posix_spawnattr_init(attributes);
  for (const file of files) {
    const argv = new CStrings([file], libc);
    if (libc.posix_spawn(pid, cString(file), actions, attributes, argv.array, environment.array) !== 0)
      throw new Error(`cannot spawn ${file}`);
    libc.waitpid(pid.readInt32LE(), Buffer.alloc(4), 0);
  }
  libc.posix_spawn_file_actions_destroy(actions);
}

/** CPU milliseconds of this process and its children. */
async function cost(work: () => unknown): Promise<number> {
  const own = process.cpuUsage();
  const children = childrenCpu();
  await work();
  const { user, system } = process.cpuUsage(own);
  return (user + system) / 1000 + childrenCpu() - children;
}

function childrenCpu(): number {
  const usage = Buffer.alloc(144);
  getrusage(-1, usage);
  const ms = (at: number) =>
    Number(usage.readBigInt64LE(at)) * 1000 + Number(usage.readBigInt64LE(at + 8)) / 1000;
  return ms(0) + ms(16);
}

function report(
  name: string,
  value: number,
  unit: string,
  baseline: number | null,
  goal: number | null,
): void {
  const rounded = (number: number) => Math.round(number * 1000) / 1000;
  const line = {
    name,
    value: rounded(value),
    unit,
    baseline: baseline === null ? null : rounded(baseline),
    goal,
  };
  console.log(JSON.stringify({ ...line, pass: goal === null ? null : value <= goal }));
}
