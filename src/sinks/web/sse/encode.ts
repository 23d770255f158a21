import { type Envelope, type StreamItem, type SubjectState, toCloudEvent } from "../../../plugin/index.ts";
import { positionOf } from "./position.ts";

/** Subjects in one message of a snapshot. */
const CHUNK = 200;

const encoded = new WeakMap<Envelope, string>();

/**
 * What a stream gave, as messages of the event stream: one for each event, and one without data where the position moved beyond the last
 * of them, so that what a filter left out need not be looked at again. A gap and the snapshot after it are named messages: `gap` says why,
 * `snapshot` comes in parts of which the last is `complete`.
 * @param pulse whether one empty object stands for all events: for who only has to know when to look
 */
export function encodeItem(item: StreamItem, pulse: boolean): Buffer {
  if (item.kind === "gap")
    return Buffer.from(`event: gap\ndata: ${JSON.stringify({ reason: item.reason })}\n\n`);
  if (pulse) {
    const told = item.kind === "snapshot" || item.events.length > 0;
    return Buffer.from(`id: ${item.token}\n${told ? "data: {}\n" : ""}\n`);
  }
  if (item.kind === "snapshot") return Buffer.from([...snapshot(item)].join(""));
  const { epoch, seq } = positionOf(item.token);
  const messages = item.events.map((envelope) => encodeEnvelope(envelope, epoch));
  if (item.events.at(-1)?.seq !== seq) messages.push(`id: ${item.token}\n\n`);
  return Buffer.from(messages.join(""));
}

/** Made once, however many filters it passes. */
function encodeEnvelope(envelope: Envelope, epoch: string): string {
  let text = encoded.get(envelope);
  if (text === undefined) {
    const { seq, change, previous, since, episode } = envelope;
    const data = JSON.stringify({ change, previous, since, episode, event: publicEvent(envelope) });
    text = `id: ${epoch}-${seq}\ndata: ${data}\n\n`;
    encoded.set(envelope, text);
  }
  return text;
}

function* snapshot({ subjects, token }: StreamItem & { kind: "snapshot" }): Generator<string> {
  for (let from = 0; from === 0 || from < subjects.length; from += CHUNK) {
    const complete = from + CHUNK >= subjects.length;
    const part = subjects.slice(from, from + CHUNK).map(publicState);
    // Only the last part carries the position: who loses the connection before it starts over.
    yield `event: snapshot\n${complete ? `id: ${token}\n` : ""}data: ${JSON.stringify({ complete, subjects: part })}\n\n`;
  }
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
