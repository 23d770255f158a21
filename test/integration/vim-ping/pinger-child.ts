import { createInterface } from "node:readline";
import { openPinger, type PingTarget } from "../../../src/sources/vim-ping/pinger/index.ts";
import type { Command, Report } from "./pinger-process.ts";

/* A pinger in a process of its own, which a test can put into a namespace or run as somebody else. Talks in lines of JSON. */

const say = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`);
const [backend] = process.argv.slice(2) as ["icmp" | "fping" | "ping" | undefined];

try {
  const pinger = await openPinger({
    ...(backend ? { backend } : {}),
    onRound: (round) => say({ kind: "round", round }),
    onFailure: (error) => say({ kind: "failure", message: error.message }),
  });
  say({ kind: "open", backend: pinger.backend, reason: pinger.reason });
  const defaults: Omit<PingTarget, "id" | "address"> = { interval: 1000, timeout: 300, count: 1, confirm: 1 };
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command;
    if (command.kind === "set") for (const target of command.targets) pinger.set({ ...defaults, ...target });
    else if (command.kind === "remove") pinger.remove(command.id);
    else if (command.kind === "counters") say({ kind: "counters", counters: pinger.counters() });
    else if (command.kind === "block") {
      const end = performance.now() + command.ms;
      while (performance.now() < end);
      say({ kind: "blocked" });
    }
  }
  await pinger.close();
} catch (error) {
  say({ kind: "error", code: (error as { code?: string }).code ?? "", message: (error as Error).message });
}
