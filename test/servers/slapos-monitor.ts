import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SCRIPT = new URL("slapos_monitor.py", import.meta.url).pathname;

/** A monitor of SlapOS's shape in a process of its own. `await using` stops it. */
export class SlaposMonitor {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  /** Each request with the status of its answer: `"GET /monitor.haljson HTTP/1.1" 200 -`. */
  readonly requests: string[] = [];

  private constructor(folder: string, child: ChildProcess, port: string) {
    this.url = `http://127.0.0.1:${port}/`;
    this.#folder = folder;
    this.#child = child;
    if (child.stderr) createInterface(child.stderr).on("line", (line) => this.requests.push(line));
  }

  /** @param folder an empty one of its own */
  static async start(folder: string): Promise<SlaposMonitor> {
    const child = spawn("python3", [SCRIPT, folder], { stdio: ["ignore", "pipe", "pipe"] });
    const [port] = await once(createInterface(child.stdout), "line");
    return new SlaposMonitor(folder, child, port);
  }

  /** Writes a service's status file, as its promise does. */
  write(service: string, status: object): void {
    writeFileSync(join(this.#folder, "public", `${service}.status.json`), JSON.stringify(status));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}
