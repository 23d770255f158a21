import {
  type Board,
  type Event,
  type Json,
  type SubjectState,
  serviceId,
  statusDocument,
} from "../../plugin/index.ts";

/** The longest history. */
const CHANGES = 100;

/**
 * A service's `history.json` in the shape of SlapOS's monitor: its changes of status, oldest first. The last entry is what holds now. It
 * reaches back as far as the board remembers.
 */
export function historyDocument(state: SubjectState, board: Board): Json {
  const data = board
    .changes(CHANGES, { subjects: [state.subject], sources: [state.source] })
    .filter(({ event }) => event.subject === state.subject && event.origin === state.origin)
    .map(({ event, since }) => entry(state, event, since))
    .reverse();
  const { event, since, stale, seen } = state;
  const now = entry(state, event, stale === null ? since : seen, stale);
  if (event !== null && data.at(-1)?.status !== now.status) data.push(now);
  const first = data[0];
  if (first === undefined) return { date: Date.parse(since) / 1000, data: [] };
  const { title, name } = titles(state);
  return {
    date: Date.parse(first["change-date"]) / 1000,
    data: [{ title, name, ...first }, ...data.slice(1)],
  };
}

function titles({ subject, description }: SubjectState): { readonly title: string; readonly name: string } {
  const name = serviceId(subject);
  return { title: description.title ?? name, name };
}

/** One entry; the words are those of status.json. */
function entry(
  { subject, message, status, description }: SubjectState,
  event: Event | null,
  since: string,
  stale: string | null = null,
) {
  const document = statusDocument({
    subject,
    status: event?.status ?? status,
    message: event?.message ?? message,
    since,
    seen: since,
    stale,
    event,
    description,
  });
  return {
    status: String(document.status),
    failed: document.status !== "OK",
    date: stale === null ? String(document.date) : since,
    "change-date": since,
    message: stale ?? event?.message ?? message,
    "execution-time": document["execution-time"] ?? null,
  };
}
