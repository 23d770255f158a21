import { NEVER } from "rxjs";
import { judged, openEpisode } from "../../../../src/core/intake/transitions.ts";
import { ActiveSilences } from "../../../../src/core/silences/silences.ts";
import {
  compileFilter,
  type Envelope,
  type Event,
  type Filter,
  type Json,
  type Sink,
  type SinkContext,
  type Status,
  type SubjectState,
} from "../../../../src/plugin/index.ts";
import { type NotifyOptions, notifySink } from "../../../../src/sinks/notify/sink.ts";
import type { Outcome, Target } from "../../../../src/sinks/notify/target.ts";
import type { Telling } from "../../../../src/sinks/notify/telling.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";

const never = new AbortController().signal;

/** How the sink of a test tells: at once and alone, unless the test says otherwise. */
const OPTIONS: NotifyOptions = {
  after: 0,
  repeat: undefined,
  groupWait: 0,
  listed: 20,
  pageUrl: undefined,
  keep: 86_400_000,
  pace: { initial: 1000, max: 60_000 },
  capacity: 1000,
};

/** One message as the far end got it. */
export interface Told {
  readonly id: string;
  readonly telling: Telling;
  /** `<subject> <kind>` of each change, in the order in which they are listed. */
  readonly news: readonly string[];
}

/**
 * A lifeguard around one notify sink: its events are judged as intake does it, its board, state and cursor behave as core's do, and time
 * stands still until a test moves it. It can die at any moment, and begins again from what was saved.
 */
export class World {
  readonly clock = new FakeClock("2026-01-31T10:00:00.000Z");
  readonly silences = new ActiveSilences();
  readonly told: Told[] = [];
  readonly troubles: (string | null)[] = [];
  readonly logged: string[] = [];
  readonly counted = new Map<string, number>();
  /** What the far end does with the next message. */
  answer: (telling: Telling) => Outcome | Promise<Outcome> = () => ({ kind: "told" });
  /** Called when something is on disk. */
  onSaved: () => void = () => {};
  title: string | undefined;
  readonly #options: NotifyOptions;
  /** What the far end takes, and what the sink subscribes to: a restart takes over a difference. */
  single: boolean;
  from: Filter;
  readonly #closes: boolean;
  readonly #journal: Envelope[] = [];
  readonly #latest = new Map<string, Envelope>();
  readonly #rows = new Map<string, SubjectState>();
  readonly saved = new Map<string, Json>();
  #staged = new Map<string, Json>();
  #cursor = 0;
  #sink: Sink | undefined;
  #life = new AbortController();
  #version = 0;

  constructor(
    options: Partial<NotifyOptions> = {},
    { from = {}, single = false, closes = false }: { from?: Filter; single?: boolean; closes?: boolean } = {},
  ) {
    this.#options = { ...OPTIONS, ...options };
    this.from = from;
    this.single = single;
    this.#closes = closes;
  }

  /** Starts the sink on what was saved. */
  async start(): Promise<this> {
    this.#life = new AbortController();
    this.#staged = new Map();
    const life = this.#life.signal;
    this.#sink = await notifySink(this.#options, this.#target(life), this.#context(life), () => 1);
    return this;
  }

  /** `kill -9`: what was not saved is gone, and nothing of the old life does anything any more. */
  async restart(): Promise<void> {
    this.#life.abort();
    this.#sink = undefined;
    await this.start();
    await this.deliver();
  }

  /** A stop that is wanted, and a new start. */
  async stop(): Promise<void> {
    await this.#sink?.close();
    this.#commit();
    this.#life.abort();
    this.#sink = undefined;
  }

  /** What was accepted lies before the place where the sink begins. */
  pass(): void {
    this.#cursor = this.#journal.length;
  }

  /** An event is accepted, and the board shows it; the sink has not seen it. */
  emit(subject: string, status: Status, message: string = status, more: Partial<Event> = {}): Envelope {
    const seq = this.#journal.length + 1;
    const time = new Date(this.clock.now()).toISOString();
    const event: Event = {
      id: `${subject}#${seq}`,
      time,
      origin: "here",
      source: "promises",
      type: "promise.checked",
      subject,
      status,
      state: status.toUpperCase(),
      message,
      labels: {},
      measures: {},
      data: null,
      ...more,
    };
    const envelope = judged(this.#latest.get(subject) ?? null, event, seq, time);
    this.#journal.push(envelope);
    this.#latest.set(subject, envelope);
    this.#rows.set(subject, rowOf(envelope));
    this.#version++;
    return envelope;
  }

  /** What is known of a subject is not trusted for a while. Returns what ends that. */
  distrust(subject: string): () => void {
    const row = this.#rows.get(subject) as SubjectState;
    this.#rows.set(subject, { ...row, status: "unknown", stale: "not seen since the restart" });
    return () => void this.#rows.set(subject, row);
  }

  /** The subject is not watched any more; sinks do not hear of it. */
  retire(subject: string): void {
    this.#latest.delete(subject);
    this.#rows.delete(subject);
    this.#version++;
  }

  /** The sink is given what it has not seen. @param acknowledge whether the cursor is saved with it */
  async deliver({ acknowledge = true } = {}): Promise<void> {
    const batch = this.#journal.slice(this.#cursor).filter(compileFilter(this.from));
    if (batch.length > 0) await this.#sink?.write?.(batch, never);
    this.#commit();
    if (acknowledge) this.#cursor = this.#journal.length;
    await this.clock.advance(0);
  }

  /** An event is accepted and delivered. */
  async event(...args: Parameters<World["emit"]>): Promise<void> {
    this.emit(...args);
    await this.deliver();
  }

  /** Silences what a glob matches. Returns what ends it. */
  silence(glob: string): () => void {
    const id = `s${this.clock.now()}${glob}`;
    const since = new Date(this.clock.now()).toISOString();
    this.silences.begin({
      id,
      kind: "silence",
      subjects: [glob],
      labels: {},
      why: "",
      by: "",
      since,
      until: "2027",
    });
    return () => this.silences.end(id);
  }

  async test(): Promise<string> {
    return (await this.#sink?.test?.(never)) as string;
  }

  /** `<subject> <kind>` of everything that was told, in order. */
  get news(): readonly string[] {
    return this.told.flatMap(({ news }) => news);
  }

  #target(life: AbortSignal): Target {
    return {
      name: "far end",
      most: this.single ? 1 : Number.POSITIVE_INFINITY,
      closes: this.#closes,
      tell: async (telling) => {
        const outcome = await this.answer(telling);
        if (life.aborted) return new Promise(() => {});
        if (outcome.kind === "told")
          this.told.push({
            id: telling.id,
            telling,
            news: telling.items.map(({ subject, kind }) => `${subject} ${kind}`),
          });
        return outcome;
      },
      close() {},
    };
  }

  #commit(): void {
    for (const [key, value] of this.#staged)
      if (value === null) this.saved.delete(key);
      else this.saved.set(key, structuredClone(value));
    this.#staged = new Map();
    this.onSaved();
  }

  #context(life: AbortSignal): SinkContext {
    const log = (message: string) => void this.logged.push(message);
    const count = (name: string, amount: number, labels: object = {}) => {
      const key = [name, ...Object.values(labels)].join(" ");
      this.counted.set(key, (this.counted.get(key) ?? 0) + amount);
    };
    return {
      name: "alarms",
      origin: "here",
      signal: life,
      onStop: () => {},
      log: { debug: () => {}, info: log, warn: log, error: log },
      clock: this.clock,
      metrics: {
        counter: ({ name }) => ({ add: (amount = 1, labels) => count(name, amount, labels) }),
        gauge: ({ name }) => ({ set: (value) => void this.counted.set(name, value) }),
        histogram: () => ({ observe: () => {} }),
      },
      dataDir: () => "/nowhere",
      dataFile: (name) => `/nowhere/${name}`,
      watch: () => NEVER,
      board: {
        version: this.#version,
        subjects: () => [...this.#rows.values()],
        find: (subject) => {
          const row = this.#rows.get(subject);
          return row ? [row] : [];
        },
        instances: () => new Map(),
        changes: () => [],
        recent: () => [],
      },
      authorize: () => true,
      silences: this.silences,
      health: { components: () => [], ready: () => true, configError: () => null, metrics: async () => "" },
      commands: { send: async () => null },
      async *events() {},
      from: this.from,
      position: () => `epoch-${this.#journal.length}`,
      state: {
        get: async (key) => this.saved.get(key),
        entries: async () => [...this.saved].sort(([a], [b]) => (a < b ? -1 : 1)),
        set: (key, value) => {
          if (!life.aborted) this.#staged.set(key, value);
        },
        flush: async () => {
          await null;
          if (life.aborted) return new Promise(() => {});
          this.#commit();
        },
      },
      history: undefined,
      title: this.title,
      pageUrl: undefined,
      trouble: (message) => void this.troubles.push(message),
    };
  }
}

function rowOf(envelope: Envelope): SubjectState {
  const { event, since, seq } = envelope;
  const { origin, source, subject, status, state, message } = event;
  return {
    origin,
    source,
    subject,
    status,
    state,
    message,
    since,
    seen: event.time,
    stale: null,
    episode: openEpisode(envelope),
    event,
    measures: {},
    seq,
    description: {},
    group: source,
    instance: source,
  };
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
