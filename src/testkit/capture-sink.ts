import {
  type Clock,
  type DeliveryMode,
  defineSink,
  type Envelope,
  PermanentError,
  RetryableError,
  type Sink,
  type SinkContext,
  type SinkDefinition,
  z,
} from "../plugin/index.ts";

/** What a capture sink does with a batch: resolve takes it, reject refuses it. */
export type Behaviour = (batch: readonly Envelope[], signal: AbortSignal) => void | Promise<void>;

/** Ready-made behaviours. Subsets are named by a test of each envelope. */
export const behave = {
  /** Takes everything. */
  accept: (): Behaviour => () => {},
  /** Fails in a way that may pass, having delivered those that match. */
  retryable:
    (delivered: (envelope: Envelope) => boolean = () => false, reason = "not now"): Behaviour =>
    (batch) => {
      throw new RetryableError(reason, { delivered: idsOf(batch, delivered) });
    },
  /** Refuses those that match for good, and delivers none; takes the batch when none matches. */
  permanent:
    (refused: (envelope: Envelope) => boolean = () => true, reason = "never"): Behaviour =>
    (batch) => {
      const ids = idsOf(batch, refused);
      if (ids.length > 0) throw new PermanentError(reason, { refused: ids });
    },
  /** Fails with an error of no special kind. */
  broken:
    (reason = "broken"): Behaviour =>
    () => {
      throw new Error(reason);
    },
  /** Never settles, until it is aborted. */
  hang: (): Behaviour => (_, signal) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    ),
  /** Never settles, not even when it is aborted. */
  deaf: (): Behaviour => () => new Promise(() => {}),
  /** Takes everything after `ms` milliseconds. */
  slow:
    (ms: number, clock: Clock): Behaviour =>
    (_, signal) =>
      clock.sleep(ms, signal),
};

/** A sink that records what it is given, and does with it what a test says. It notices when the contract is broken on it. */
export class CaptureSink implements Sink {
  /** Every batch it was offered, the refused ones included. */
  readonly offered: (readonly Envelope[])[] = [];
  /** What it took, in the order it took it; more than once where it was given more than once. */
  readonly delivered: Envelope[] = [];
  /** Breaches of the contract: writes at the same time, writes after close, empty batches, a second close. */
  readonly breaches: string[] = [];
  readonly #next: Behaviour[] = [];
  #behaviour: Behaviour = behave.accept();
  #writing = 0;
  #closed = false;
  #closing: () => void | Promise<void> = () => {};

  /** Ids of the events it took. */
  get ids(): string[] {
    return this.delivered.map(({ event }) => event.id);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What it does from now on. */
  behave(behaviour: Behaviour): this {
    this.#behaviour = behaviour;
    return this;
  }

  /** What it does with the next batches, one each, before it goes on as told by `behave`. */
  next(...behaviours: Behaviour[]): this {
    this.#next.push(...behaviours);
    return this;
  }

  /** What it does when it is closed. */
  onClose(closing: () => void | Promise<void>): this {
    this.#closing = closing;
    return this;
  }

  async write(batch: readonly Envelope[], signal: AbortSignal): Promise<void> {
    if (this.#writing > 0) this.breaches.push("two writes at a time");
    if (this.#closed) this.breaches.push("a write after close");
    if (batch.length === 0) this.breaches.push("an empty batch");
    this.offered.push(batch);
    this.#writing++;
    try {
      await (this.#next.shift() ?? this.#behaviour)(batch, signal);
      this.delivered.push(...batch);
    } catch (error) {
      if (error instanceof RetryableError) {
        const ids = new Set(error.delivered);
        this.delivered.push(...batch.filter(({ event }) => ids.has(event.id)));
      }
      throw error;
    } finally {
      this.#writing--;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) this.breaches.push("closed twice");
    this.#closed = true;
    await this.#closing();
  }
}

/**
 * A definition whose instances come from `start`, for tests of a whole pipeline.
 * @param start makes the sink of one life, or throws
 */
export function captureSinkDefinition(
  start: (ctx: SinkContext) => Sink | Promise<Sink>,
  options: { name?: string; delivery?: DeliveryMode; begin?: "end" | "oldest" } = {},
): SinkDefinition {
  const { name = "capture", delivery = "durable", begin = "end" } = options;
  return defineSink({
    name,
    summary: "Records what it is given, for tests.",
    config: z.object({}),
    delivery,
    begin,
    start: (_, ctx) => start(ctx),
  });
}

function idsOf(batch: readonly Envelope[], matches: (envelope: Envelope) => boolean): string[] {
  return batch.filter(matches).map(({ event }) => event.id);
}
