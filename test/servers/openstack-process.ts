import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { until } from "../support/until.ts";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** How a server is started, and known to be up. */
export interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly log: string;
  /** Resolves to true once it answers. */
  ready(): Promise<boolean>;
}

/** A server process that can be stopped and started again. */
export class ServerProcess {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Starts it and waits until it answers; does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#child) return;
    const { command, args, environment, log, ready } = this.#options;
    const output = openSync(log, "a");
    const child = spawn(command, [...args], {
      stdio: ["ignore", output, output],
      env: { ...process.env, ...environment },
      detached: true,
    });
    closeSync(output);
    this.#child = child;
    await until(
      `${command} to answer`,
      () => {
        if (child.exitCode !== null)
          throw new Error(
            `${command} ended with ${child.exitCode}: ${readFileSync(log, "utf8").slice(-3000)}`,
          );
        return ready();
      },
      90_000,
    );
  }

  /** Ends it with its workers. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGTERM");
    const force = setTimeout(() => process.kill(-(child.pid as number), "SIGKILL"), 3000);
    await ended;
    clearTimeout(force);
  }
}

/** Whether an HTTP server answers at all. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: "manual" }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  return response !== undefined;
}
