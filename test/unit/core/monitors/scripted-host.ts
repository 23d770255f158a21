import type { MonitorHost } from "../../../../src/core/monitors/host.ts";
import { MonitorManager } from "../../../../src/core/monitors/manager.ts";
import type { Clock, EventDraft, Observation } from "../../../../src/plugin/index.ts";
import { isHousekeeping } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";

/** A fake clock under which the event loop can be made to stand still. */
export class StallingClock implements Clock {
  readonly fake: FakeClock;
  #stalled = 0;

  constructor(fake: FakeClock) {
    this.fake = fake;
  }

  /** Time passes, and nothing happens meanwhile. */
  stall(ms: number): void {
    this.#stalled += ms;
  }

  now(): number {
    return this.fake.now() + this.#stalled;
  }

  monotonic(): number {
    return this.fake.monotonic() + this.#stalled;
  }

  setTimeout(callback: () => void, ms: number, signal?: AbortSignal): () => void {
    return this.fake.setTimeout(callback, ms, signal);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.fake.sleep(ms, signal);
  }
}

/** What stands for a subject before its monitor begins. */
export type Standing = ReturnType<MonitorHost["standing"]>;

/** What to change of the setup below. */
export interface SetupOptions {
  random?: () => number;
  idle?: boolean;
  standing?: Record<string, Standing>;
  refuse?: (draft: EventDraft, by: "source" | "core") => void;
  start?: string;
}

/** A manager on a fake clock, and one source whose host writes down everything. */
export function setup(options: SetupOptions = {}) {
  const fake = new FakeClock(options.start);
  const clock = new StallingClock(fake);
  const logged: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string) => void logged.push(message),
    error: (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const manager = new MonitorManager({
    clock,
    log,
    idle: options.idle ?? false,
    random: options.random ?? (() => 0),
  });
  const source = (name: string) => {
    const stop = new AbortController();
    const drafts: (EventDraft & { by: "source" | "core" })[] = [];
    const distrusted: [subjects: string, reason: string][] = [];
    const restarts: string[] = [];
    const cells = new Map<string, { seen: number }>();
    const stands = new Map(Object.entries(options.standing ?? {}));
    const host: MonitorHost = {
      name,
      signal: stop.signal,
      defaultType: "thing.seen",
      emit(draft, by) {
        options.refuse?.(draft, by);
        drafts.push({ ...draft, by });
        if (!isHousekeeping(draft.type) && draft.status)
          stands.set(draft.subject, { status: draft.status, state: draft.state ?? "", episode: null });
      },
      standing: (subject) => stands.get(subject),
      freshness(subject) {
        const cell = { seen: 0 };
        cells.set(subject, cell);
        return cell;
      },
      distrust: (subjects, reason) => void distrusted.push([subjects, reason]),
      restart: (reason) => void restarts.push(reason),
    };
    return {
      monitors: manager.forSource(host),
      stop,
      drafts,
      distrusted,
      restarts,
      cells,
      /** Verdicts, as `status message`. */
      verdicts: () =>
        drafts
          .filter(({ type }) => !isHousekeeping(type))
          .map(({ status, message }) => `${status} ${message}`),
      /** Housekeeping, as `type message`. */
      housekeeping: () =>
        drafts.filter(({ type }) => isHousekeeping(type)).map(({ type, message }) => `${type} ${message}`),
    };
  };
  return { fake, clock, manager, logged, source, ...source("things") };
}

/** An observation with little to it. */
export function saw(status: Observation["status"], message = "looked"): Observation {
  return { status, type: "thing.seen", message };
}

/** A promise with its handles. */
export function deferred<Value>() {
  return Promise.withResolvers<Value>();
}
