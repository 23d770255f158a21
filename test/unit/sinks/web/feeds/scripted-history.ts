import type { Episode, EventsQuery, History, PastEvent, Status } from "../../../../../src/plugin/index.ts";

/** A change as the history tells it. */
export function pastChange(
  id: string,
  time: string,
  parts: Partial<PastEvent> & { subject?: string; source?: string; status?: Status; message?: string } = {},
): PastEvent {
  const {
    subject = "promise/kvm",
    source = "promises",
    status = "critical",
    message = "bad",
    ...envelope
  } = parts;
  return {
    received: time,
    change: true,
    previous: status === "ok" ? "critical" : "ok",
    since: time,
    episode: null,
    event: {
      id,
      time,
      origin: "here",
      source,
      type: status === "ok" ? "promise.succeeded" : "promise.failed",
      subject,
      status,
      state: status.toUpperCase(),
      message,
      labels: {},
      measures: {},
      data: null,
    },
    ...envelope,
  };
}

/** A history that tells what the test gives it, and can be made to wait or fail. */
export class ScriptedHistory implements History {
  changes: PastEvent[] = [];
  known: Pick<Episode, "id" | "began">[] = [];
  readonly asked: EventsQuery[] = [];
  /** Before each answer. */
  before: () => Promise<void> = async () => {};

  async events(query: EventsQuery): ReturnType<History["events"]> {
    this.asked.push(query);
    await this.before();
    const { subject, source, origin, limit = 100, after } = query;
    const mine = this.changes.filter(
      ({ event }) =>
        event.subject === (subject ?? event.subject) &&
        event.source === (source ?? event.source) &&
        event.origin === (origin ?? event.origin),
    );
    const from = Number(after ?? 0);
    const next = from + limit < mine.length ? String(from + limit) : null;
    return { items: mine.slice(from, from + limit), next };
  }

  async episodes(): ReturnType<History["episodes"]> {
    return { items: this.known as Episode[], next: null };
  }

  async days(): ReturnType<History["days"]> {
    return { items: [], next: null };
  }

  async measures(): ReturnType<History["measures"]> {
    return [];
  }
}
