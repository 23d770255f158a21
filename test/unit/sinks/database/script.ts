import { attended, judged } from "../../../../src/core/intake/transitions.ts";
import { type Envelope, type Event, isHousekeeping, type Status } from "../../../../src/plugin/index.ts";

/** What a test says about one event; everything else has a default. */
export interface Said extends Partial<Omit<Event, "time">> {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When it was taken in; absent: at once. */
  readonly received?: number;
  readonly status?: Status;
}

/** Makes envelopes as intake makes them: numbered, with changes, `since` and episodes. */
export class Script {
  readonly origin: string;
  readonly #prefix: string;
  readonly #latest = new Map<string, Envelope>();
  #seq = 0;

  constructor({ origin = "here", prefix = "event" } = {}) {
    this.origin = origin;
    this.#prefix = prefix;
  }

  say({ at, received = at, ...said }: Said): Envelope {
    const seq = ++this.#seq;
    const event: Event = {
      id: `${this.#prefix}-${seq}`,
      time: new Date(at).toISOString(),
      origin: this.origin,
      source: "test",
      type: "thing.checked",
      subject: "thing/one",
      status: "ok",
      state: (said.status ?? "ok").toUpperCase(),
      message: `number ${seq}`,
      labels: {},
      measures: {},
      data: null,
      ...said,
    };
    const key = JSON.stringify([event.origin, event.source, event.subject]);
    const latest = this.#latest.get(key) ?? null;
    const taken = new Date(received).toISOString();
    if (event.type === "subject.retired") this.#latest.delete(key);
    if (isHousekeeping(event.type)) return attended(latest, event, seq, taken);
    const envelope = judged(latest, event, seq, taken);
    this.#latest.set(key, envelope);
    return envelope;
  }
}
