import {
  type EventDraft,
  type Json,
  kindOf,
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
  report(observation: Observation, by: "source" | "core"): void {
    this.say(observation, this.hysteresis.observe(observation.status), by);
  }

  /** Makes an event of an observation that hysteresis has taken already, with the status it let through. */
  say(observation: Observation, shown: Status, by: "source" | "core"): void {
    const { streak, needed } = this.hysteresis;
    if (shown === observation.status) {
      const state = observation.state ?? shown.toUpperCase();
      this.#states[shown] = state;
      this.#emit({ ...observation, subject: this.#subject, state }, by);
      return;
    }
    const message = `${observation.message} (${observation.status}, ${streak} of ${needed})`;
    const state = this.#states[shown];
    this.#emit({ ...observation, subject: this.#subject, status: shown, state, message }, by);
  }

  /** Makes a housekeeping event. */
  tell(what: Housekeeping, message: string, data?: Json): void {
    this.#emit({ type: `${kindOf(this.#subject)}.${what}`, subject: this.#subject, message, data }, "core");
  }

  #emit(draft: EventDraft, by: "source" | "core"): void {
    try {
      this.#host.emit(draft, by);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A probe that says what may not be said gave no verdict. What core says itself is refused only where everything is.
      if (by === "core") this.#log.warn(`an event about ${this.#subject} was lost: ${reason}`);
      else this.#refused(reason);
    }
  }

  #refused(reason: string): void {
    const message = `what its monitor observed was refused: ${reason}`;
    const { defaultType: type } = this.#host;
    this.report({ type, status: "unknown", message }, "core");
  }
}
