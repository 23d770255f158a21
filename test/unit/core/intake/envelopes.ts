import type { Envelope, Event } from "../../../../src/plugin/index.ts";

const EVENT: Event = {
  id: "id",
  time: "2026-01-01T00:00:00.000Z",
  origin: "origin-a",
  source: "promises",
  type: "promise.checked",
  subject: "promise/a",
  status: "ok",
  state: "OK",
  message: "fine",
  labels: {},
  measures: {},
  data: null,
};

/** An envelope for tests: a plain one, but for what is said. */
export function envelope(seq: number, event: Partial<Event> = {}, rest: Partial<Envelope> = {}): Envelope {
  return {
    seq,
    received: "2026-01-01T00:00:00.000Z",
    event: { ...EVENT, id: `id-${seq}`, ...event },
    change: false,
    previous: null,
    since: "2026-01-01T00:00:00.000Z",
    episode: null,
    ...rest,
  };
}
