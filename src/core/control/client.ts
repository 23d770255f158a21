import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Json, LifeguardError, type Silence } from "../../plugin/index.ts";
import type { NumberedDeadLetter, Replayed } from "../delivery/dead-letters.ts";
import type { RunReport } from "../monitors/registered-monitor.ts";
import type { SilenceRequest } from "../silences/request.ts";
import type { ReloadOutcome, Silenced } from "./control-target.ts";
import type { HistoryReport } from "./history-report.ts";
import { shortPath } from "./short-path.ts";
import type { StatusReport, TapLine } from "./status-report.ts";

/** How long a lifeguard may take to notice a request, in milliseconds: longer than any load, shorter than Nagios waits. */
const PATIENCE_MS = 8000;

/**
 * Reaches the lifeguard that runs on a data directory. Every method rejects with `NOT_RUNNING` when none does, with `NOT_ANSWERING` when one
 * does but takes no notice, and with what it answers otherwise.
 */
export class ControlClient {
  readonly #directory: string;
  readonly #patience: number;

  /**
   * @param dataDirectory absolute
   * @param patience milliseconds until a request must have been noticed; what it asks for may take longer
   */
  constructor(dataDirectory: string, patience = PATIENCE_MS) {
    this.#directory = dataDirectory;
    this.#patience = patience;
  }

  status(): Promise<StatusReport> {
    return this.#call("GET", "/status");
  }

  /** Runs one monitor once. @param source needed where several sources watch the subject */
  check(
    subject: string,
    options: { source?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<RunReport> {
    const { source, signal } = options;
    return this.#call("POST", "/check", { subject, ...(source !== undefined && { source }) }, signal);
  }

  reload(): Promise<ReloadOutcome> {
    return this.#call("POST", "/reload");
  }

  /** @param sink absent: of all sinks */
  deadLetters(sink?: string): Promise<readonly NumberedDeadLetter[]> {
    return this.#call("GET", `/dead-letters${sink === undefined ? "" : `?${new URLSearchParams({ sink })}`}`);
  }

  /** @param ids absent: all */
  replay(sink: string, ids?: readonly number[], signal?: AbortSignal): Promise<Replayed> {
    return this.#call("POST", "/dead-letters/replay", { sink, ...(ids && { ids }) }, signal);
  }

  /** @param ids absent: all */
  drop(sink: string, ids?: readonly number[]): Promise<{ readonly dropped: number }> {
    return this.#call("POST", "/dead-letters/drop", { sink, ...(ids && { ids }) });
  }

  /** Lets a sink try its way to the far end, and says what it did. */
  testSink(sink: string, signal?: AbortSignal): Promise<{ readonly done: string }> {
    return this.#call("POST", "/sinks/test", { sink }, signal);
  }

  /** Those that hold now, the one that lasts longest first. */
  silences(): Promise<readonly Silence[]> {
    return this.#call("GET", "/silences");
  }

  silence(request: SilenceRequest): Promise<Silenced> {
    return this.#call("POST", "/silences", { ...request });
  }

  /** Ends a silence early. @param by who asks */
  endSilence(id: string, by: string): Promise<Silence> {
    return this.#call("POST", "/silences/end", { id, by });
  }

  /**
   * What happened to a subject.
   * @param span RFC 3339
   * @param source needed where several sources watch the subject
   */
  history(
    subject: string,
    span: { readonly since: string; readonly until: string },
    source?: string,
  ): Promise<HistoryReport> {
    const query = new URLSearchParams({ subject, ...span, ...(source !== undefined && { source }) });
    return this.#call("GET", `/history?${query}`);
  }

  /** Events from now on, until the signal aborts or lifeguard stops. @param glob of subjects, types or sources */
  async *tap(glob: string | undefined, signal: AbortSignal): AsyncGenerator<TapLine> {
    const query = glob === undefined ? "" : `?${new URLSearchParams({ glob })}`;
    const response = await this.#request("GET", `/tap${query}`, undefined, signal);
    if (response.statusCode !== 200) throw await refused(response);
    try {
      for await (const line of createInterface({ input: response }))
        if (line !== "") yield JSON.parse(line) as TapLine;
    } catch (error) {
      // A stopping lifeguard cuts the stream; that is its end, not a failure.
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET" && !signal.aborted) throw error;
    } finally {
      response.destroy();
    }
  }

  async #call<Result>(
    method: "GET" | "POST",
    path: string,
    body?: Json,
    signal?: AbortSignal,
  ): Promise<Result> {
    const response = await this.#request(method, path, body, signal);
    if (response.statusCode !== 200) throw await refused(response);
    return JSON.parse(await textOf(response)) as Result;
  }

  async #request(
    method: "GET" | "POST",
    path: string,
    body: Json | undefined,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    let release = () => {};
    try {
      const short = shortPath(join(this.#directory, "control.sock"));
      release = short.release;
      return await new Promise<IncomingMessage>((resolve, reject) => {
        // The server says "continue" as soon as its event loop turns, long before the answer to what takes time.
        // Without a length the end of no body would still be written, perhaps to one that has answered and hung up.
        const headers = { expect: "100-continue", ...(body === undefined && { "content-length": 0 }) };
        const call = request(
          { socketPath: short.path, method, path, signal, headers, agent: false },
          resolve,
        );
        const timer = setTimeout(() => call.destroy(this.#unresponsive()), this.#patience);
        for (const sign of ["continue", "response", "close"]) call.once(sign, () => clearTimeout(timer));
        call.once("continue", () => call.end(body === undefined ? undefined : JSON.stringify(body)));
        call.once("error", reject);
        call.flushHeaders();
      });
    } catch (cause) {
      throw this.#unreachable(cause);
    } finally {
      release();
    }
  }

  #unresponsive(): LifeguardError {
    return new LifeguardError(
      "NOT_ANSWERING",
      `the lifeguard on ${this.#directory} takes no notice for ${Math.round(this.#patience / 1000)} s: it was stopped, or a plugin loops in it; look at its log, and start it anew`,
    );
  }

  #unreachable(cause: unknown): unknown {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR")
      return new LifeguardError(
        "NOT_RUNNING",
        `no lifeguard runs on the data directory ${this.#directory}: start one with "lifeguard run", or name its directory with --data`,
        { cause },
      );
    if (code === "EACCES" || code === "EPERM")
      return new LifeguardError(
        "NOT_PERMITTED",
        `the lifeguard on ${this.#directory} belongs to another user: run this command as that user`,
        { cause },
      );
    if (code === "ECONNRESET")
      return new LifeguardError(
        "NOT_RUNNING",
        `the lifeguard on ${this.#directory} stopped before it answered`,
        { cause },
      );
    return cause;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function refused(response: IncomingMessage): Promise<LifeguardError> {
  const text = await textOf(response);
  try {
    const { code, message } = JSON.parse(text) as { code: string; message: string };
    return new LifeguardError(code, message);
  } catch (cause) {
    return new LifeguardError("CONTROL_ANSWER", `not an answer of lifeguard: ${text.slice(0, 200)}`, {
      cause,
    });
  }
}
