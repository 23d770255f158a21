import type { Principal } from "./access.ts";
import type { Json } from "./json.ts";

/** Answers one command for a subject. Its result goes back to whoever sent it; a LifeguardError's code and message do too. */
export type CommandHandler = (request: CommandRequest) => Promise<Json>;

/** A command on its way to a subject. */
export interface CommandRequest {
  /** `run`, or a name that the subject's description lists. */
  readonly name: string;
  readonly subject: string;
  readonly arguments: Json;
  /** Whether the sender waits for the result. One that does not is told only that the command was taken on. */
  readonly wait: boolean;
  /** Aborts when the sender has gone, time is up (5 minutes) or the source stops. */
  readonly signal: AbortSignal;
}

/** Where a source says which commands it answers. A monitor with a probe answers `run` by itself. */
export interface CommandRegistry {
  /**
   * Answers `name` for every subject that the glob matches; an exact subject goes before a glob, an earlier glob before a later one.
   * Returns a function that stops answering.
   * @throws LifeguardError `COMMAND_DUPLICATE` when the source answers this name for this very glob already
   */
  handle(subjects: string, name: string, handler: CommandHandler): () => void;
}

/** Where a sink sends commands. */
export interface CommandSender {
  /**
   * Sends a command and resolves with its result. `wait: false` resolves with null as soon as it was taken on. `source` says which
   * instance is meant where several answer for the subject; `by` is who sent it and `from` the address that it came from, for the audit log.
   * A run that is under way is joined by those who wait.
   * @throws LifeguardError `COMMAND_UNKNOWN` when no one answers it for that subject, `COMMAND_AMBIGUOUS` when several sources do,
   * `COMMAND_BUSY` when the same run is under way, `COMMAND_TIMEOUT` without a result in time, `COMMAND_FAILED` when the handler failed;
   * the signal's reason when that aborts
   */
  send(
    subject: string,
    name: string,
    options?: {
      arguments?: Json;
      wait?: boolean;
      signal?: AbortSignal;
      source?: string;
      by?: Principal;
      from?: string;
    },
  ): Promise<Json>;
}
