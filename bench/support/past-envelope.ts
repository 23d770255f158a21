import type { Envelope } from "../../src/plugin/index.ts";
import { draft } from "./drafts.ts";
import { ORIGIN } from "./sink-context.ts";

/** The envelope of a draft, one a millisecond. @param start of the first one, milliseconds since the epoch */
export function pastEnvelope(index: number, start: number): Envelope {
  const { type, subject, status = "ok", state = "OK", message, measures = {}, data = null } = draft(index);
  const time = new Date(start + index).toISOString();
  return {
    seq: index + 1,
    received: time,
    event: {
      id: `0191e2c4-7d8a-7c3e-9f1a-${String(index).padStart(12, "0")}`,
      time,
      origin: ORIGIN,
      source: "promises",
      type,
      subject,
      status,
      state,
      message,
      labels: { team: "platform" },
      measures,
      data,
    },
    change: false,
    previous: status,
    since: time,
    episode: null,
  };
}
