import type { Json } from "./json.ts";

/** Answers one command for a subject. Its result goes back to whoever sent it; a LifeguardError's code and message do too. */
export type CommandHandler = (request: CommandRequest) => Promise<Json>;

/** A command on its way to a subject. */
export interface CommandRequest {
  /** `run`, or a name that the subject's description lists. */
  readonly name: string;
  readonly subject: string;
  readonly arguments: Json;
  /** Aborts when the sender has gone or time is up. */
  readonly signal: AbortSignal;
}

/** Where a source says which commands it answers. A monitor with a probe answers `run` by itself. */
export interface CommandRegistry {
  /** Answers `name` for every subject that the glob matches. Returns a function that stops answering. */
  handle(subjects: string, name: string, handler: CommandHandler): () => void;
}

/** Where a sink sends commands. */
export interface CommandSender {
  /**
   * Sends a command. `wait: false` resolves as soon as it was taken on.
   * @throws LifeguardError `COMMAND_UNKNOWN` when no one answers it for that subject, `COMMAND_BUSY` when the same run is under way
   */
  send(
    subject: string,
    name: string,
    options?: { arguments?: Json; wait?: boolean; signal?: AbortSignal; source?: string },
  ): Promise<Json>;
}
