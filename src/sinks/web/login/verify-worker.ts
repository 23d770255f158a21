import { parentPort } from "node:worker_threads";
import { matches } from "./matches.ts";
import type { Answer, Question } from "./verifier.ts";

/** The thread that hashes passwords, so that none of it ever stops the main thread. */
const port = parentPort;
if (!port) throw new Error("passwords are checked in a worker thread only");

port.on("message", ({ id, password, hashes }: Question) => {
  // Each is worked on, whatever the first one says: the time tells nothing.
  const [first] = hashes.map((hash) => matches(password, hash));
  port.postMessage({ id, ok: first === true } satisfies Answer);
});
