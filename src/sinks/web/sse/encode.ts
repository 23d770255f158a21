import { type Envelope, type StreamItem, type SubjectState, toCloudEvent } from "../../../plugin/index.ts";

/** Subjects in one message of a snapshot. */
const CHUNK = 200;

const encoded = new WeakMap<Envelope, Buffer>();

/**
 * An envelope as one message of the event stream. Encoded once, however many clients read it.
 * @param epoch the part of resume tokens before the seq
 */
export function encodeEnvelope(envelope: Envelope, epoch: string): Buffer {
  let bytes = encoded.get(envelope);
  if (!bytes) {
    const { seq, change, previous, since, episode } = envelope;
    const data = JSON.stringify({ change, previous, since, episode, event: publicEvent(envelope) });
    bytes = Buffer.from(`id: ${epoch}-${seq}\ndata: ${data}\n\n`);
    encoded.set(envelope, bytes);
  }
  return bytes;
}

/** A gap and the snapshot after it, as named messages: `gap` says why, `snapshot` comes in parts of which the last is `complete`. */
export function* encodeOther(item: Exclude<StreamItem, { kind: "events" }>): Generator<string> {
  if (item.kind === "gap") {
    yield `event: gap\ndata: ${JSON.stringify({ reason: item.reason })}\n\n`;
    return;
  }
  const { subjects, token } = item;
  for (let from = 0; from === 0 || from < subjects.length; from += CHUNK) {
    const complete = from + CHUNK >= subjects.length;
    const part = subjects.slice(from, from + CHUNK).map(publicState);
    // Only the last part carries the position: who loses the connection before it starts over.
    yield `event: snapshot\n${complete ? `id: ${token}\n` : ""}data: ${JSON.stringify({ complete, subjects: part })}\n\n`;
  }
}

/** The epoch of a resume token. */
export function epochOf(token: string): string {
  return token.slice(0, token.lastIndexOf("-"));
}

/** Descriptions hold paths of this machine, private ones too: that there is a new one is all that is told. */
function publicEvent(envelope: Envelope) {
  const event = toCloudEvent(envelope);
  return event.type.startsWith("subject.") ? { ...event, data: { ...event.data, data: null } } : event;
}

function publicState(state: SubjectState) {
  const { origin, source, subject, status, state: word, message, since, seen, stale, episode } = state;
  const { group, instance, description, measures } = state;
  const { title } = description;
  return {
    origin,
    source,
    subject,
    status,
    state: word,
    message,
    since,
    seen,
    stale,
    episode,
    group,
    instance,
    title,
    measures,
  };
}
