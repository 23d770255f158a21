import type { Clock, ComponentHealth, ComponentState, Logger } from "../plugin/index.ts";
import type { RootLogger } from "./log.ts";
import { Component, type ComponentParts } from "./supervisor/component.ts";
import { COMPLETED, type Pace, Runner, type Start } from "./supervisor/runner.ts";

export type { Component } from "./supervisor/component.ts";
export type { RunScope } from "./supervisor/life.ts";
export type { Running, Start } from "./supervisor/runner.ts";

const PACE: Pace = {
  backoff: { initial: 1000, max: 60_000 },
  steadyAfter: 60_000,
  startTimeout: 60_000,
  random: Math.random,
};

/** How long a slow start may keep those that start after it. */
const PATIENCE_MS = 1000;

/** What a supervisor is made from. */
export interface SupervisorOptions {
  readonly clock: Clock;
  readonly log: RootLogger;
  /** Told of every change of a component's state. */
  readonly onChange?: ((health: ComponentHealth, previous: ComponentState) => void) | undefined;
  /** Whether a transition that must not happen throws; else it is logged and left out. */
  readonly strict?: boolean | undefined;
  readonly pace?: Partial<Pace> | undefined;
}

/** Knows how every component is, and keeps those running that it runs. */
export class Supervisor {
  readonly #clock: Clock;
  readonly #log: RootLogger;
  readonly #pace: Pace;
  readonly #parts: ComponentParts;
  readonly #components = new Map<string, Component>();
  readonly #runners = new Map<string, Runner>();

  constructor({ clock, log, onChange = () => {}, strict = false, pace = {} }: SupervisorOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#pace = { ...PACE, ...pace };
    this.#parts = {
      clock,
      redact: log.redact,
      onChange: (health, previous) => guarded(log, () => onChange(health, previous)),
      onInvalid: (error) => {
        if (strict) throw error;
        log.error(error.message, { error });
      },
    };
  }

  /**
   * Makes a component known, as `starting`. Its owner moves it with `to`, or hands it to `run`. One of the same id that has stopped is replaced.
   * @param id `source/promises`, `sink/web`, `journal`
   */
  add(id: string, kind: ComponentHealth["kind"]): Component {
    const known = this.#components.get(id);
    if (known && known.state !== "stopped") throw new Error(`component ${id} is still ${known.state}`);
    this.#runners.delete(id);
    const component = new Component(id, kind, this.#parts);
    this.#components.set(id, component);
    return component;
  }

  /**
   * Starts a component and keeps it running until `stop`: a failed start, or a later failure, is followed by a back-off and a new life.
   * Resolves when the first start succeeded or failed, or has taken longer than the others can wait for it; never rejects.
   * @returns why it failed; undefined where it did not, and one that only takes long is no failure
   */
  async run(component: Component, start: Start): Promise<string | undefined> {
    const runner = new Runner(component, start, {
      clock: this.#clock,
      log: this.#log.child(component.id),
      pace: this.#pace,
    });
    this.#runners.set(component.id, runner);
    const waited = new AbortController();
    const patience = this.#clock.sleep(PATIENCE_MS, waited.signal).catch(() => {});
    await Promise.race([runner.attempted, patience]);
    waited.abort();
    return runner.failure === undefined ? undefined : this.#parts.redact(runner.failure);
  }

  /** Gives a running, waiting, failed or completed component a new life now. Resolves when its start was tried; nothing for an unknown id. */
  async restart(id: string, reason: string): Promise<void> {
    await this.#runners.get(id)?.restart(reason);
  }

  /** Drains until the deadline, then tears down. The component stays listed as `stopped` until `remove`. Nothing for an unknown id. */
  async stop(id: string, deadline: AbortSignal): Promise<void> {
    const runner = this.#runners.get(id);
    if (runner) return runner.stop(deadline);
    const component = this.#components.get(id);
    if (!component || component.state === "stopped") return;
    component.to("stopping");
    component.to("stopped");
  }

  /** Forgets a component that has stopped. */
  remove(id: string): void {
    if (this.#components.get(id)?.state !== "stopped") return;
    this.#components.delete(id);
    this.#runners.delete(id);
  }

  /** How every component is, in the order they became known. */
  components(): readonly ComponentHealth[] {
    return Array.from(this.#components.values(), (component) => component.health);
  }

  /**
   * Whether every component was tried once, none is being stopped or has failed for good, and core's own are well. A source that completed is no
   * failure, and neither is a trouble that a source or sink works on by itself: nobody should take the page away because a far end is down.
   * @param ignored id of a component whose trouble stops nothing
   */
  ready(ignored?: string): boolean {
    return this.components().every(
      ({ id, kind, state, message }) =>
        id === ignored ||
        state === "ok" ||
        (state === "recoverable" && kind !== "core") ||
        (state === "stopped" && message === COMPLETED),
    );
  }
}

function guarded(log: Logger, call: () => void): void {
  try {
    call();
  } catch (error) {
    log.error("a listener for component states failed", { error });
  }
}
