import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { WriterData, WriterReport, WriterRequest } from "./messages.ts";
import { JournalStore } from "./store.ts";
import { StoreSession } from "./store-session.ts";
import { suspectMark } from "./suspect-mark.ts";

/** The writer thread: it alone writes to the journal's file, so that no fsync ever stops the main thread. */
const port = parentPort;
if (!port) throw new Error("the journal's writer runs as a worker thread only");

const { path, commitDelay, ...options } = workerData as WriterData;
const report = (message: WriterReport) => port.postMessage(message);
const store = new JournalStore(new DatabaseSync(path, { timeout: 5000 }), options);
const session = new StoreSession(store, {
  report,
  commitDelay,
  onCorrupt() {
    try {
      writeFileSync(suspectMark(path), "");
    } catch {
      // Without the mark the next start does its ordinary checks.
    }
  },
});

port.on("message", (request: WriterRequest) => {
  session.handle(request);
  if (request.kind === "close") port.close();
});
report({ kind: "ready", footprint: store.footprint });
