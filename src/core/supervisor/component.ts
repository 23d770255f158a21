import type { Clock, ComponentHealth, ComponentState, Status } from "../../plugin/index.ts";
import { LifeguardError } from "../../plugin/index.ts";

/** Which states may follow which. A retry that fails again stays `recoverable`, so that nobody is told twice. */
const NEXT: Readonly<Record<ComponentState, readonly ComponentState[]>> = {
  starting: ["ok", "recoverable", "permanent", "stopping", "stopped"],
  ok: ["starting", "recoverable", "permanent", "stopping", "stopped"],
  recoverable: ["starting", "ok", "permanent", "stopping", "stopped"],
  permanent: ["starting", "ok", "recoverable", "stopping"],
  stopping: ["stopped"],
  stopped: ["starting"],
};

const STATUS: Readonly<Record<ComponentState, Status>> = {
  starting: "unknown",
  ok: "ok",
  recoverable: "warning",
  permanent: "critical",
  stopping: "ok",
  stopped: "ok",
};

/** What a component tells, and to whom. */
export interface ComponentParts {
  readonly clock: Clock;
  /** Hides secrets in messages: they come from plugins, and are shown to everybody. */
  readonly redact: (text: string) => string;
  /** Called after every change of state, not after a mere change of message. It must not throw. */
  readonly onChange: (health: ComponentHealth, previous: ComponentState) => void;
  /** Called instead of a transition that must not happen. */
  readonly onInvalid: (error: LifeguardError) => void;
}

/** One component's place in the state machine. */
export class Component {
  readonly id: string;
  readonly kind: ComponentHealth["kind"];
  readonly #parts: ComponentParts;
  #health: ComponentHealth;

  /** Begins as `starting`, of which nobody is told. */
  constructor(id: string, kind: ComponentHealth["kind"], parts: ComponentParts) {
    this.id = id;
    this.kind = kind;
    this.#parts = parts;
    this.#health = this.#make("starting", "");
  }

  /** How it is; a snapshot. */
  get health(): ComponentHealth {
    return this.#health;
  }

  get state(): ComponentState {
    return this.#health.state;
  }

  /**
   * Moves to a state. Moving to the same state only renews the message.
   * @param reason why; empty for `ok`
   */
  to(state: ComponentState, reason = ""): void {
    const message = this.#parts.redact(reason);
    const { state: previous, message: said } = this.#health;
    if (state === previous) {
      if (message !== said) this.#health = { ...this.#health, message };
      return;
    }
    if (!NEXT[previous].includes(state)) {
      this.#parts.onInvalid(
        new LifeguardError(
          "COMPONENT_STATE",
          `${this.id} cannot go from ${previous} to ${state}: ${message}`,
        ),
      );
      return;
    }
    this.#health = this.#make(state, message);
    this.#parts.onChange(this.#health, previous);
  }

  #make(state: ComponentState, message: string): ComponentHealth {
    const since = new Date(this.#parts.clock.now()).toISOString();
    return { id: this.id, kind: this.kind, state, status: STATUS[state], message, since };
  }
}
