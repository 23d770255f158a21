import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Subject } from "rxjs";
import { authorizer } from "../../../../src/core/authorize.ts";
import { ActiveSilences } from "../../../../src/core/silences/silences.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import {
  type Board,
  type Clock,
  type ComponentHealth,
  compileFilter,
  type Description,
  type Envelope,
  type Event,
  type History,
  type InstanceState,
  LifeguardError,
  type Principal,
  type Sink,
  type SinkContext,
  type Status,
  type StreamItem,
  type SubjectState,
} from "../../../../src/plugin/index.ts";
import web from "../../../../src/sinks/web/index.ts";

/** The part of resume tokens before the seq. */
export const EPOCH = "e1";

/** A lifeguard made of plain objects: what it shows is whatever the test says. */
export class World {
  readonly states: SubjectState[] = [];
  readonly described = new Map<string, InstanceState>();
  readonly envelopes: Envelope[] = [];
  /** Envelopes up to this seq are gone from the journal. */
  pruned = 0;
  components: ComponentHealth[] = [];
  isReady = true;
  configError: string | null = null;
  readonly commands: {
    subject: string;
    name: string;
    source: string | undefined;
    by?: Principal | undefined;
  }[] = [];
  /** What a command does; throws what the sender is to see. */
  onCommand: (subject: string) => void = () => {};
  readonly logged: string[] = [];
  /** Says that every watched file changed. */
  readonly watched = new Subject<void>();
  readonly gauges = new Map<string, number>();
  readonly teardowns: (() => void | Promise<void>)[] = [];
  readonly silences = new ActiveSilences();
  readonly stop = new AbortController();
  readonly clock: Clock;
  title: string | undefined;
  history: History | undefined;
  #version = 1;
  #wake = Promise.withResolvers<void>();

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** Says that the board shows something else. */
  touch(): void {
    this.#version++;
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  add(...states: readonly SubjectState[]): void {
    this.states.push(...states);
    this.touch();
  }

  /** A result of a subject on the board: its state and an envelope. */
  observe(
    subject: string,
    change: Partial<Pick<Event, "status" | "message" | "type" | "data" | "id">>,
  ): Envelope {
    const at = this.states.findIndex((state) => state.subject === subject);
    const before = this.states[at];
    if (!before) throw new Error(`no such subject: ${subject}`);
    const time = new Date(this.clock.now()).toISOString();
    const status = change.status ?? before.status;
    const changed = status !== before.status;
    const made: Event = {
      ...(before.event ?? event(before)),
      id: `event-${this.envelopes.length + 1}`,
      time,
      ...change,
    };
    const since = changed ? time : before.since;
    this.states[at] = {
      ...before,
      status,
      state: status,
      message: made.message,
      since,
      seen: time,
      event: made,
      stale: null,
    };
    return this.emit({ event: made, change: changed, previous: before.status, since });
  }

  /** Says something about an instance, as a source does; with another origin, as one of another lifeguard. */
  describe(name: string, description: Description, origin = "here"): void {
    this.described.set(name, { origin, description });
    const made = event(state(`instance/${name}`, { origin }));
    this.emit({ event: { ...made, id: `described-${this.envelopes.length}`, type: "subject.described" } });
  }

  /** Publishes an envelope as it is. */
  emit(parts: Partial<Envelope> & Pick<Envelope, "event">): Envelope {
    const { time } = parts.event;
    const seq = this.envelopes.length + 1;
    const envelope = {
      seq,
      received: time,
      change: false,
      previous: null,
      since: time,
      episode: null,
      ...parts,
    };
    this.envelopes.push(envelope);
    this.touch();
    return envelope;
  }

  board(): Board {
    const world = this;
    const latest = (limit: number, filter: Parameters<typeof compileFilter>[0], changes: boolean) =>
      this.envelopes
        .filter(compileFilter({ ...filter, ...(changes && { on: "change" as const }) }))
        .slice(-limit)
        .reverse();
    return {
      get version() {
        return world.#version;
      },
      subjects: () => [...this.states],
      find: (subject) => [...this.states, ...this.#instances()].filter((state) => state.subject === subject),
      instances: () => this.described,
      changes: (limit, filter) => latest(limit, filter, true),
      recent: (limit, filter) => latest(limit, filter, false),
    };
  }

  context(): SinkContext {
    const world = this;
    const folder = () => mkdtempSync(join(tmpdir(), "lifeguard-web-"));
    const log = (message: string) => void this.logged.push(message);
    return {
      name: "web",
      origin: "here",
      signal: this.stop.signal,
      onStop: (teardown) => void this.teardowns.push(teardown),
      log: { debug: () => {}, info: log, warn: log, error: log },
      clock: this.clock,
      metrics: {
        counter: () => ({ add: () => {} }),
        gauge: ({ name }) => ({ set: (value) => void this.gauges.set(name, value) }),
        histogram: () => ({ observe: () => {} }),
      },
      dataDir: folder,
      dataFile: (file) => join(folder(), file),
      watch: () => this.watched,
      board: this.board(),
      authorize: authorizer(this.board()),
      silences: this.silences,
      health: {
        components: () => this.components,
        ready: () => this.isReady,
        configError: () => this.configError,
        metrics: async () => "# HELP lifeguard_up Up\nlifeguard_up 1\n",
      },
      commands: {
        send: async (subject, name, options) => {
          this.commands.push({ subject, name, source: options?.source, by: options?.by });
          this.onCommand(subject);
          return null;
        },
      },
      events: (options) => this.#stream(options ?? {}),
      position: () => `${EPOCH}-${this.envelopes.length}`,
      state: { get: async () => undefined, entries: async () => [], set: () => {}, flush: async () => {} },
      get history() {
        return world.history;
      },
      title: this.title,
      pageUrl: undefined,
      from: {},
      trouble: () => {},
    };
  }

  #instances(): readonly SubjectState[] {
    return [...this.described].map(([name, { origin, description }]) =>
      state(`instance/${name}`, { origin, description }),
    );
  }

  /** What comes after a position, bounded as core bounds it: 1 MiB beyond the first. */
  #read(position: number): Envelope[] {
    const found: Envelope[] = [];
    let bytes = 0;
    for (const envelope of this.envelopes.slice(position)) {
      bytes += envelope.event.message.length;
      if (found.length > 0 && bytes > 2 ** 20) break;
      found.push(envelope);
    }
    return found;
  }

  async *#stream({
    after,
    filter,
    signal,
  }: Parameters<SinkContext["events"]>[0] & object): AsyncGenerator<StreamItem> {
    const wanted = compileFilter(filter);
    const ended = signal ? AbortSignal.any([signal, this.stop.signal]) : this.stop.signal;
    const gone = new Promise<void>((resolve) =>
      ended.addEventListener("abort", () => resolve(), { once: true }),
    );
    const [, epoch, seq] = /^(.*)-(\d+)$/.exec(after ?? `${EPOCH}-${this.envelopes.length}`) ?? [];
    let position = Number(seq);
    if (epoch !== EPOCH || position < this.pruned) {
      yield { kind: "gap", reason: epoch === EPOCH ? "those events are gone" : "another journal" };
      position = this.envelopes.length;
      yield { kind: "snapshot", subjects: [...this.states], token: `${EPOCH}-${position}` };
    }
    while (!ended.aborted) {
      const read = this.#read(position);
      const events = read.filter(wanted);
      position += read.length;
      if (events.length > 0) yield { kind: "events", events, token: `${EPOCH}-${position}` };
      else if (position === this.envelopes.length) await Promise.race([this.#wake.promise, gone]);
    }
  }
}

/** A subject that is well, unless said otherwise. */
export function state(subject: string, parts: Partial<SubjectState> = {}): SubjectState {
  const base: SubjectState = {
    origin: "here",
    source: "promises",
    subject,
    status: "ok",
    state: "OK",
    message: "all is well",
    since: "2026-01-01T00:00:00.000Z",
    seen: "2026-01-01T00:10:00.000Z",
    stale: null,
    episode: null,
    event: null,
    measures: {},
    seq: 1,
    description: {},
    group: parts.instance ?? "promises",
    instance: "promises",
    ...parts,
  };
  return { ...base, event: parts.event === undefined ? event(base) : parts.event };
}

function event({ origin, source, subject, status, state: word, message, seen }: SubjectState): Event {
  const labels = {};
  return {
    id: `first-of-${subject}`,
    time: seen,
    origin,
    source,
    type: status === "ok" ? "promise.succeeded" : "promise.failed",
    subject,
    status: status as Status,
    state: word,
    message,
    labels,
    measures: {},
    data: {},
  };
}

/** The error that core throws for a command that no one answers. */
export function commandError(code: "COMMAND_UNKNOWN" | "COMMAND_BUSY"): LifeguardError {
  return new LifeguardError(code, code);
}

/** A web sink on a free port, and where it is. */
export interface Running {
  readonly url: string;
  readonly host: string;
  readonly sink: Sink;
}

/** Starts the real sink in a world. */
export async function startWeb(world: World, config: object = {}): Promise<Running> {
  const parsed = web.config.parse({ listen: "127.0.0.1:0", ...config });
  const sink = await web.start(parsed, world.context());
  const url = world.logged
    .map((line) => /page at (\S+)\//.exec(line)?.[1])
    .findLast((found) => found) as string;
  return { url, host: url.slice("http://".length), sink };
}
