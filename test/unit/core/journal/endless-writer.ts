import { openSync, writeSync } from "node:fs";
import { envelopes, open } from "./support.ts";

/*
 * A process that writes to the journal of a folder until it is killed. Each append carries events, a checkpoint, a cursor and a subject's
 * row that name the same number; when the journal has acknowledged it, that number goes into the ledger.
 */

const [folder, ledgerFile, sync] = process.argv.slice(2) as [string, string, "full" | "normal"];
const { journal } = await open(folder, { options: { sync } });
const ledger = openSync(ledgerFile, "a");
let next = journal.head + 1;
const waiting = new Set<Promise<void>>();

for (let size = 1; ; size = (size * 7 + 3) % 400) {
  const events = envelopes(next, size || 1);
  next += events.length;
  const latest = events.at(-1);
  if (!latest) continue;
  const { seq, event } = latest;
  const acknowledged = journal
    .append({
      events,
      subjects: [
        {
          origin: event.origin,
          source: event.source,
          subject: "promise/a",
          latest,
          measures: null,
          description: null,
        },
      ],
      state: [{ owner: "source/counter", key: "next", value: seq }],
      cursors: [{ sink: "a", seq, base: 0, delivered: seq, filtered: 0, deadLettered: 0, dropped: 0 }],
    })
    .then(() => {
      writeSync(ledger, `${seq}\n`);
      waiting.delete(acknowledged);
    });
  waiting.add(acknowledged);
  if (waiting.size > 8) await Promise.race(waiting);
}
