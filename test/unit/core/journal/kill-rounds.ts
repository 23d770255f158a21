import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { until } from "../../../support/until.ts";
import { open } from "./support.ts";

const WRITER = fileURLToPath(new URL("./endless-writer.ts", import.meta.url));

/**
 * Has a process write to one journal and kills it with SIGKILL at a random moment, so many times. After each round the journal must open
 * by itself, hold every acknowledged event in order, and everything written in one transaction must agree.
 */
export async function killRounds(folder: string, rounds: number, sync: "full" | "normal"): Promise<void> {
  const ledger = join(folder, "ledger");
  let before = 0;
  for (let round = 1; round <= rounds; round++) {
    const writer = spawn(process.execPath, [WRITER, folder, ledger, sync], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exit = once(writer, "exit");
    // Chance is the point here, not a wait for something. Now and then it dies while it is still opening the journal.
    if (round % 5 === 0) await pause(Math.random() * 400);
    else
      await until("something acknowledged", () => acknowledged(ledger) > before || writer.exitCode !== null);
    await pause(Math.random() * 60);
    writer.kill("SIGKILL");
    const [, signal] = await exit;
    expect(signal).toBe("SIGKILL");
    before = await check(folder, acknowledged(ledger), round);
  }
}

function acknowledged(ledger: string): number {
  if (!existsSync(ledger)) return 0;
  // A torn last line is a number that was not written down completely.
  const lines = readFileSync(ledger, "utf8").split("\n").slice(0, -1).map(Number);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  return lines.at(-1) ?? 0;
}

async function check(folder: string, last: number, round: number): Promise<number> {
  await using opened = await open(folder);
  const { journal } = opened;
  const { head } = journal;
  expect({ round, log: opened.log }).toEqual({ round, log: [] });
  expect(head).toBeGreaterThanOrEqual(last);
  let seen = 0;
  for (let batch = journal.read(0, 5000, 1e9); batch.length > 0; batch = journal.read(seen, 5000, 1e9))
    for (const { seq, event } of batch) {
      if (seq !== seen + 1 || (event.data as { number: number }).number !== seq)
        throw new Error(`round ${round}: event ${seq} follows ${seen}`);
      seen = seq;
    }
  expect(seen).toBe(head);
  expect(journal.state("source/counter", "next")).toEqual([["next", head]]);
  expect(journal.cursor("a")?.seq).toBe(head);
  expect(journal.subjects()[0]?.latest?.seq).toBe(head);
  return head;
}
