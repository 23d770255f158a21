/** An error with a stable code, such as `JOURNAL_NEWER`, that documentation and tests can name. */
export class LifeguardError extends Error {
  override readonly name: string = "LifeguardError";
  readonly code: string;

  /**
   * @param code stable, upper-case
   * @param message the subject, what was expected and what to do
   */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A failure that may pass: a sink's batch comes back after a back-off, a source is restarted. */
export class RetryableError extends LifeguardError {
  override readonly name = "RetryableError";
  /** Ids of events of the batch that were delivered all the same; they do not come back. */
  readonly delivered: readonly string[];

  constructor(message: string, options?: ErrorOptions & { delivered?: readonly string[] }) {
    super("RETRYABLE", message, options);
    this.delivered = options?.delivered ?? [];
  }
}

/** A refusal for good. Thrown by a sink's `write`, it names the events that will never be taken: they become dead letters. */
export class PermanentError extends LifeguardError {
  override readonly name = "PermanentError";
  /** Ids of the refused events. The rest of the batch counts as not delivered and comes back. Empty: the whole batch is refused. */
  readonly refused: readonly string[];

  constructor(message: string, options?: ErrorOptions & { refused?: readonly string[] }) {
    super("PERMANENT", message, options);
    this.refused = options?.refused ?? [];
  }
}
