import type { ComponentHealth, ComponentState, EventDraft, Status } from "../../plugin/index.ts";
import type { Intake } from "../intake/intake.ts";
import type { IntakeSource } from "../intake/intake-source.ts";

/** The source name that lifeguard's own events carry. */
export const OWN_SOURCE = "lifeguard";

/** What lifeguard says about itself. */
const OWN_EVENTS = [
  "lifeguard.component.starting",
  "lifeguard.component.started",
  "lifeguard.component.failed",
  "lifeguard.component.stopped",
  "lifeguard.config.reloaded",
  "lifeguard.config.refused",
  "lifeguard.event.refused",
  "lifeguard.intake.overflow",
  "lifeguard.sink.dropped",
];

const TYPES: Readonly<Record<ComponentState, string>> = {
  starting: "lifeguard.component.starting",
  ok: "lifeguard.component.started",
  recoverable: "lifeguard.component.failed",
  permanent: "lifeguard.component.failed",
  stopping: "lifeguard.component.stopped",
  stopped: "lifeguard.component.stopped",
};

/** The source of lifeguard's own events, so that a dead monitor is as visible as a dead target. */
export class OwnHealth {
  readonly source: IntakeSource;
  readonly #intake: Intake;

  /** @param signal ends with the process's pipeline */
  constructor(intake: Intake, origin: string, signal: AbortSignal) {
    this.#intake = intake;
    this.source = {
      name: OWN_SOURCE,
      origin,
      labels: {},
      events: new Map(OWN_EVENTS.map((type) => [type, null])),
      signal,
    };
  }

  /** Emits one event about lifeguard itself. */
  emit(draft: EventDraft): void {
    this.#intake.offer(this.source, draft);
  }

  /** Tells of a component's new state. */
  component(health: ComponentHealth): void {
    const { id, state, status, message } = health;
    // What is about to start or has just been told to stop is no news yet.
    if (state === "starting" || state === "stopping") return;
    this.emit({
      type: TYPES[state],
      subject: id,
      status,
      state: state.toUpperCase(),
      message: message || `${id} is ${state}`,
    });
  }

  /** Tells how a reload went. */
  config(status: Status, message: string): void {
    this.emit({
      type: status === "ok" ? "lifeguard.config.reloaded" : "lifeguard.config.refused",
      subject: "core/config",
      status,
      message,
    });
  }
}
