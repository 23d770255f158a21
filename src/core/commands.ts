import {
  type Clock,
  type CommandHandler,
  type CommandRegistry,
  type CommandSender,
  type Json,
  LifeguardError,
  type Logger,
  type Principal,
} from "../plugin/index.ts";
import type { Audit, SentCommand } from "./commands/audit.ts";
import { HandlerTable } from "./commands/handler-table.ts";

/** Milliseconds that a command may take. */
const TIMEOUT = 300_000;

/** Finds who answers a command for a subject, where no handler of the source's own does. */
export type CommandResolver = (subject: string, name: string) => CommandHandler | undefined;

/** What a source's commands end with, and what answers behind its own handlers. */
export interface RegistryOptions {
  /** Ends the registry with the source: nothing is answered any more, and commands under way abort. */
  readonly signal?: AbortSignal | undefined;
  /** Asked when no handler matches: the monitors of the source, for `run`. */
  readonly fallback?: CommandResolver | undefined;
}

interface Answerer {
  readonly table: HandlerTable;
  readonly signal: AbortSignal | undefined;
  readonly fallback: CommandResolver | undefined;
}

/** Brings commands to the sources that answer them. */
export class Commands implements CommandSender {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #audit: Audit;
  readonly #sources = new Map<string, Answerer>();

  /** @param audit told of every command that a source has taken on. Absent: nobody is */
  constructor({
    clock,
    log,
    audit = () => {},
  }: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly audit?: Audit | undefined;
  }) {
    this.#clock = clock;
    this.#log = log;
    this.#audit = audit;
  }

  /** Makes the registry of one start of a source; that of an earlier start is forgotten. */
  registryFor(source: string, { signal, fallback }: RegistryOptions = {}): CommandRegistry {
    const answerer: Answerer = { table: new HandlerTable(), signal, fallback };
    if (!signal?.aborted) {
      this.#sources.set(source, answerer);
      const end = () => {
        if (this.#sources.get(source) === answerer) this.#sources.delete(source);
      };
      signal?.addEventListener("abort", end, { once: true });
    }
    return { handle: (subjects, name, handler) => answerer.table.add(subjects, name, handler) };
  }

  /** The sources that answer a command for a subject. */
  sources(subject: string, name: string): readonly string[] {
    return [...this.#sources]
      .filter(([, answerer]) => find(answerer, subject, name))
      .map(([source]) => source);
  }

  async send(
    subject: string,
    name: string,
    options: {
      arguments?: Json | undefined;
      wait?: boolean | undefined;
      signal?: AbortSignal | undefined;
      source?: string | undefined;
      by?: Principal | undefined;
      from?: string | undefined;
    } = {},
  ): Promise<Json> {
    const { wait = true, signal } = options;
    signal?.throwIfAborted();
    const { source, handler, ends } = this.#resolve(subject, name, options.source);
    const controller = new AbortController();
    const abort = (reason: unknown) => controller.abort(reason);
    const undo = [
      wait ? onAbort(signal, abort) : () => {},
      onAbort(ends, () =>
        abort(new LifeguardError("COMMAND_FAILED", `the source of ${subject} has stopped`)),
      ),
      this.#clock.setTimeout(() => {
        abort(
          new LifeguardError(
            "COMMAND_TIMEOUT",
            `${name} of ${subject} gave no result within ${TIMEOUT / 1000} s`,
          ),
        );
      }, TIMEOUT),
    ];
    const request = { name, subject, arguments: options.arguments ?? null, wait, signal: controller.signal };
    const result = race(answer(handler, request), controller.signal).finally(() => {
      for (const done of undo) done();
    });
    const sent = { command: name, subject, source, by: options.by, from: options.from };
    return this.#audited(sent, wait ? "done" : "taken on", wait ? result : this.#takenOn(result));
  }

  /** A run that was under way already was somebody else's command. */
  async #audited(sent: Omit<SentCommand, "result">, success: string, result: Promise<Json>): Promise<Json> {
    try {
      const answer = await result;
      this.#audit({ ...sent, result: success });
      return answer;
    } catch (error) {
      const code = error instanceof LifeguardError ? error.code : "ended";
      if (code !== "COMMAND_BUSY") this.#audit({ ...sent, result: code });
      throw error;
    }
  }

  #resolve(
    subject: string,
    name: string,
    source: string | undefined,
  ): { source: string; handler: CommandHandler; ends: AbortSignal | undefined } {
    const candidates = source === undefined ? [...this.#sources.keys()] : [source];
    const found = candidates.flatMap((candidate) => {
      const answerer = this.#sources.get(candidate);
      const handler = answerer && find(answerer, subject, name);
      return handler ? [{ source: candidate, handler, ends: answerer.signal }] : [];
    });
    if (found.length > 1)
      throw new LifeguardError(
        "COMMAND_AMBIGUOUS",
        `several sources answer ${name} for ${subject}: say which of ${found.map((one) => one.source).join(", ")}`,
      );
    const [only] = found;
    if (!only) {
      const where = source === undefined ? "no source" : `source ${source} does not exist or`;
      const verb = source === undefined ? "answers" : "does not answer";
      throw new LifeguardError("COMMAND_UNKNOWN", `${where} ${verb} ${name} for ${subject}`);
    }
    return only;
  }

  /** A refusal comes before the handler waits for anything, and is passed on; what comes after one turn of the loop is only logged. */
  async #takenOn(result: Promise<Json>): Promise<Json> {
    let taken = false;
    const first = result.then(
      () => null,
      (error) => {
        if (!taken) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.warn(`a command that nobody waited for: ${reason}`);
        return null;
      },
    );
    await Promise.race([first, new Promise((resolve) => setImmediate(resolve))]);
    taken = true;
    return null;
  }
}

function find(answerer: Answerer, subject: string, name: string): CommandHandler | undefined {
  return answerer.table.find(subject, name) ?? answerer.fallback?.(subject, name);
}

async function answer(handler: CommandHandler, request: Parameters<CommandHandler>[0]): Promise<Json> {
  try {
    return await handler(request);
  } catch (cause) {
    if (cause instanceof LifeguardError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LifeguardError("COMMAND_FAILED", `${request.name} of ${request.subject} failed: ${reason}`, {
      cause,
    });
  }
}

function race(result: Promise<Json>, signal: AbortSignal): Promise<Json> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    result.then(resolve, reject);
  });
}

function onAbort(signal: AbortSignal | undefined, then: (reason: unknown) => void): () => void {
  if (!signal) return () => {};
  const listener = () => then(signal.reason);
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}
