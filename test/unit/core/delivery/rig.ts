import type { DeliveryOptions, SinkInstance } from "../../../../src/core/config/model.ts";
import { Delivery } from "../../../../src/core/delivery/delivery.ts";
import type { BatchSource } from "../../../../src/core/delivery/source.ts";
import type { Cursor, DeadLetter, Journal, Writes } from "../../../../src/core/journal/port.ts";
import { createLogger } from "../../../../src/core/log.ts";
import { MetricsRegistry } from "../../../../src/core/metrics.ts";
import { Supervisor } from "../../../../src/core/supervisor.ts";
import type {
  DeliveryMode,
  Envelope,
  Event,
  EventDraft,
  Filter,
  Json,
  Sink,
  SinkContext,
  SinkState,
} from "../../../../src/plugin/index.ts";
import { CaptureSink, captureSinkDefinition } from "../../../../src/testkit/capture-sink.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";

/** An envelope with nothing special about it; its event's id is `e<seq>`. */
export function envelope(
  seq: number,
  event: Partial<Event> = {},
  received = "2026-01-01T00:00:00.000Z",
): Envelope {
  return {
    seq,
    received,
    event: {
      id: `e${seq}`,
      time: received,
      origin: "here",
      source: "test",
      type: "test.seen",
      subject: "test/a",
      status: "ok",
      state: "OK",
      message: "seen",
      labels: {},
      measures: {},
      data: null,
      ...event,
    },
    change: false,
    previous: "ok",
    since: received,
    episode: null,
  };
}

/** Journal and source in one, in memory: enough of both for delivery, and a disk that can be full. */
export class MemoryJournal implements BatchSource {
  readonly events: Envelope[] = [];
  readonly stored = new Map<string, Cursor>();
  readonly letters: (DeadLetter & { id: number })[] = [];
  readonly states = new Map<string, Json>();
  /** Every append that was asked for, committed or not. */
  readonly appends: Writes[] = [];
  forgotten: string[] = [];
  oldest = 1;
  #letterId = 0;
  #waiters = new Set<() => void>();
  #disk: Promise<void> = Promise.resolve();
  #repair: () => void = () => {};

  get head(): number {
    return this.oldest + this.events.length - 1;
  }

  /** Accepts so many events. */
  add(count: number, event: (seq: number) => Partial<Event> = () => ({}), received?: string): void {
    for (let i = 0; i < count; i++) {
      const seq = this.head + 1;
      this.events.push(envelope(seq, event(seq), received));
    }
    for (const wake of [...this.#waiters]) wake();
  }

  /** Takes events away, as retention does. */
  prune(upTo: number): void {
    this.events.splice(0, upTo - this.oldest + 1);
    this.oldest = upTo + 1;
  }

  /** From now on no append succeeds, until `repair`. */
  fillDisk(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#disk = promise;
    this.#repair = resolve;
  }

  repair(): void {
    this.#repair();
  }

  read(after: number, limit: number, maxBytes: number): readonly Envelope[] {
    const from = Math.max(0, after - this.oldest + 1);
    return this.events.slice(from, from + (maxBytes > 0 ? limit : 1));
  }

  wait(after: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.head > after) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        if (!signal.aborted && this.head <= after) return;
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  async append(writes: Writes): Promise<void> {
    this.appends.push(writes);
    await this.#disk;
    for (const cursor of writes.cursors ?? []) this.stored.set(cursor.sink, cursor);
    for (const letter of writes.deadLetters ?? []) this.letters.push({ ...letter, id: ++this.#letterId });
    for (const { owner, key, value } of writes.state ?? [])
      if (value === null) this.states.delete(`${owner} ${key}`);
      else this.states.set(`${owner} ${key}`, value);
  }

  cursor(sink: string): Cursor | undefined {
    return this.stored.get(sink);
  }

  deadLetters(sink: string, limit: number): readonly (DeadLetter & { id: number })[] {
    return this.letters.filter((letter) => letter.sink === sink).slice(0, limit);
  }

  async deleteDeadLetters(ids: readonly number[]): Promise<void> {
    for (const id of ids)
      this.letters.splice(
        this.letters.findIndex((letter) => letter.id === id),
        1,
      );
  }

  state(owner: string, prefix: string): (readonly [string, Json])[] {
    return [...this.states]
      .filter(([key]) => key.startsWith(`${owner} ${prefix}`))
      .map(([key, value]) => [key.slice(owner.length + 1), value]);
  }

  async forget(owners: readonly string[]): Promise<void> {
    this.forgotten.push(...owners);
  }

  /** This journal as delivery knows it: the rest of the port is never called. */
  get port(): Journal {
    return this as unknown as Journal;
  }
}

/** What a test may say about its sink. */
export interface RigOptions {
  readonly name?: string;
  readonly mode?: DeliveryMode;
  readonly begin?: "end" | "oldest";
  readonly from?: Filter;
  readonly delivery?: {
    readonly batch?: Partial<DeliveryOptions["batch"]>;
    readonly retry?: Partial<DeliveryOptions["retry"]>;
    readonly timeout?: number;
  };
  readonly journal?: MemoryJournal;
  readonly clock?: FakeClock;
  readonly deadLetterLimit?: number;
  readonly resume?: boolean;
}

/** One sink, supervised, over a journal in memory and a clock that stands still. */
export class Rig {
  readonly clock: FakeClock;
  readonly journal: MemoryJournal;
  readonly instance: SinkInstance;
  readonly registry = new MetricsRegistry();
  readonly supervisor: Supervisor;
  readonly lines: string[] = [];
  readonly emitted: EventDraft[] = [];
  readonly delivery: Delivery;
  readonly id: string;
  readonly deadline = new AbortController();
  sink = new CaptureSink();
  /** What the present life's sink was given as `ctx.state`. */
  state: SinkState | undefined;
  starts = 0;

  private constructor(
    parts: Pick<Rig, "clock" | "journal" | "instance" | "lines" | "emitted" | "registry"> & {
      delivery: Delivery;
      supervisor: Supervisor;
    },
  ) {
    this.clock = parts.clock;
    this.journal = parts.journal;
    this.instance = parts.instance;
    this.lines = parts.lines;
    this.emitted = parts.emitted;
    this.registry = parts.registry;
    this.delivery = parts.delivery;
    this.supervisor = parts.supervisor;
    this.id = `sink/${parts.instance.name}`;
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const { name = "out", mode = "durable", begin = "end", from = {}, delivery = {} } = options;
    const clock = options.clock ?? new FakeClock();
    const journal = options.journal ?? new MemoryJournal();
    const lines: string[] = [];
    const emitted: EventDraft[] = [];
    const registry = new MetricsRegistry();
    registry.close();
    const log = await createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
    const instance: SinkInstance = {
      name,
      type: "capture",
      definition: captureSinkDefinition(() => new CaptureSink(), { delivery: mode, begin }),
      config: {},
      from,
      mode,
      delivery: {
        batch: { maxEvents: 10, maxBytes: 1e6, maxWait: 100, ...delivery.batch },
        retry: { initial: 1000, max: 30_000, maxAttempts: 0, ...delivery.retry },
        timeout: delivery.timeout ?? 10_000,
      },
      hash: "",
      position: { file: "monitors.yaml", line: 1, column: 1 },
    };
    return new Rig({
      clock,
      journal,
      instance,
      lines,
      emitted,
      registry,
      delivery: await Delivery.open({
        instance,
        journal: journal.port,
        source: journal,
        clock,
        log,
        metrics: registry.forComponent("sink", name),
        emit: (draft) => emitted.push(draft),
        deadLetterLimit: options.deadLetterLimit ?? 100,
        resume: options.resume,
        random: () => 0.999,
      }),
      supervisor: new Supervisor({ clock, log, strict: true, pace: { random: () => 0.5 } }),
    });
  }

  /** Opens and starts. */
  static async start(options: RigOptions & { sink?: CaptureSink } = {}): Promise<Rig> {
    const rig = await Rig.open(options);
    if (options.sink) rig.sink = options.sink;
    await rig.start();
    return rig;
  }

  /** Starts the sink; each life gets what `make` gives. */
  async start(
    make: (ctx: Pick<SinkContext, "state">) => Sink | Promise<Sink> = () => this.#fresh(),
  ): Promise<void> {
    await this.supervisor.run(this.supervisor.add(this.id, "sink"), async (life) => {
      this.starts++;
      this.state = this.delivery.state(life.signal);
      return this.delivery.attach(await make({ state: this.state }), life);
    });
  }

  /** Stops as the pipeline does; the test moves the clock. */
  stop(): Promise<void> {
    return this.supervisor.stop(this.id, this.deadline.signal);
  }

  get health() {
    return this.supervisor.components()[0];
  }

  /** Lets everything run that needs no time, then moves the clock in steps until the condition holds. */
  async until(condition: () => boolean, { step = 100, limit = 600_000 } = {}): Promise<void> {
    for (let i = 0; i < 20 && !condition(); i++) await this.clock.advance(0);
    for (let spent = 0; !condition(); spent += step) {
      if (spent > limit)
        throw new Error(`nothing came of it in ${limit} ms: ${JSON.stringify(this.delivery.books)}`);
      await this.clock.advance(step);
    }
  }

  /** Until nothing is unread. */
  async drained(): Promise<void> {
    await this.until(() => this.delivery.books.unread === 0);
    await this.clock.advance(0);
  }

  /** The value of one of the sink's metrics. */
  async metric(name: string): Promise<number> {
    const text = await this.registry.text();
    const line = text.split("\n").find((row) => row.startsWith(`lifeguard_${name}{`));
    return Number(line?.slice(line.lastIndexOf(" ") + 1));
  }

  #fresh(): CaptureSink {
    // A restarted sink is a new one, as a restart is a new call of start; what it recorded and shall do goes on.
    if (this.starts > 1)
      this.sink = Object.assign(new CaptureSink(), {
        offered: this.sink.offered,
        delivered: this.sink.delivered,
        breaches: this.sink.breaches,
      });
    return this.sink;
  }
}

/** Throws unless the books balance: every accepted event is in exactly one column. */
export function balanced({ books }: Delivery, head: number): void {
  const { base, delivered, filtered, deadLettered, dropped, seq, unread, accepted } = books;
  const sum = delivered + filtered + deadLettered + dropped;
  if (base + sum !== seq || accepted !== sum + unread || base + accepted !== head)
    throw new Error(`the books do not balance at head ${head}: ${JSON.stringify(books)}`);
}
