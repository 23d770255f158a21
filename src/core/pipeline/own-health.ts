import type { ComponentHealth, ComponentState, EventDraft, Status } from "../../plugin/index.ts";
import type { Intake } from "../intake/intake.ts";

/** The source name that lifeguard's own events carry. */
export const OWN_SOURCE = "lifeguard";

const TYPES: Readonly<Record<ComponentState, string>> = {
  starting: "lifeguard.component.starting",
  ok: "lifeguard.component.started",
  recoverable: "lifeguard.component.failed",
  permanent: "lifeguard.component.failed",
  stopping: "lifeguard.component.stopped",
  stopped: "lifeguard.component.stopped",
};

/** Tells what happens to lifeguard itself, so that a dead monitor is as visible as a dead target. */
export class OwnHealth {
  readonly #intake: Intake;
  #silent = false;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /** Emits one event about lifeguard itself. */
  emit(draft: EventDraft): void {
    if (!this.#silent) this.#intake.tell(draft);
  }

  /** Says nothing more: the sinks are about to stop, and nobody would hear it. */
  silence(): void {
    this.#silent = true;
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
