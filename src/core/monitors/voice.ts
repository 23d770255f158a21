import {
  type EventDraft,
  kindOf,
  LifeguardError,
  type Logger,
  type MonitorSpec,
  type Observation,
  type Status,
} from "../../plugin/index.ts";
import type { MonitorHost } from "./host.ts";
import { Hysteresis } from "./hysteresis.ts";

/** The events that core makes about monitors themselves. They carry no verdict. */
type Housekeeping = "registered" | "unregistered" | "monitor_deleted";

/** Speaks for one monitor: lets observations through its hysteresis and makes events of them. */
export class Voice {
  readonly hysteresis: Hysteresis;
  readonly #subject: string;
  readonly #host: MonitorHost;
  readonly #log: Logger;
  /** The state last let through with each status. */
  readonly #states: Partial<Record<Status, string>> = {};

  constructor(spec: MonitorSpec, host: MonitorHost, log: Logger) {
    const standing = host.standing(spec.subject);
    this.#subject = spec.subject;
    this.#host = host;
    this.#log = log;
    if (standing) this.#states[standing.status] = standing.state;
    this.hysteresis = new Hysteresis({
      failAfter: spec.fail_after ?? 1,
      recoverAfter: spec.recover_after ?? 1,
      standing,
    });
  }

  /** The state last let through with a status. */
  state(status: Status): string | undefined {
    return this.#states[status];
  }

  /** Makes an event of an observation. Where hysteresis holds its status back, so is its state, and the message says how far it is. */
  report(observation: Observation): void {
    const { hysteresis } = this;
    this.say(observation, hysteresis.observe(observation.status));
  }

  /** Makes an event of an observation that hysteresis has taken already, with the status it let through. */
  say(observation: Observation, shown: Status): void {
    const { streak, needed } = this.hysteresis;
    if (shown === observation.status) {
      const state = observation.state ?? shown.toUpperCase();
      this.#states[shown] = state;
      this.#emit({ ...observation, subject: this.#subject, state });
      return;
    }
    const message = `${observation.message} (${observation.status}, ${streak} of ${needed})`;
    this.#emit({
      ...observation,
      subject: this.#subject,
      status: shown,
      state: this.#states[shown],
      message,
    });
  }

  /** Makes a housekeeping event. */
  tell(what: Housekeeping, message: string): void {
    this.#emit({ type: `${kindOf(this.#subject)}.${what}`, subject: this.#subject, message });
  }

  /** A host that refuses must not stop the wheel. */
  #emit(draft: EventDraft): void {
    try {
      this.#host.emit(draft);
    } catch (error) {
      const reason = error instanceof LifeguardError ? `${error.code}: ${error.message}` : String(error);
      this.#log.error(`an event of ${this.#subject} was refused: ${reason}`);
    }
  }
}
