import type { SubjectState } from "./board.ts";
import type { Description } from "./description.ts";
import { type Event, kindOf } from "./event.ts";
import type { Json } from "./json.ts";
import type { Status } from "./status.ts";

/** The media type of HAL (draft-kelly-json-hal-11, expired 2024). */
export const HAL = "application/hal+json";

/** One service of a HAL monitor document, in the shape of SlapOS's monitor. */
export interface HalService {
  readonly id: string;
  readonly title?: string | undefined;
  /** Absent in a document that outlives the moment, such as a file. */
  readonly status?: string | undefined;
  readonly message?: string | undefined;
  /** Beside SlapOS's word, for other lifeguards: which of the four verdicts it is, and since when (RFC 3339). */
  readonly verdict?: Status | undefined;
  readonly since?: string | undefined;
  /** Until when (RFC 3339) nobody is told about it, and why. */
  readonly silenced?: { readonly until: string; readonly why: string } | undefined;
  /** Where it is served, when that is not below the document's own base, because another service there has the same id. */
  readonly links?: { readonly status: string; readonly interface: string } | undefined;
}

/** What a HAL monitor document tells. */
export interface HalMonitor {
  readonly title: string;
  /** Hrefs of related monitors, as configured: some are no valid URL, in the seed's own example too. */
  readonly related: readonly string[];
  readonly services: readonly HalService[];
}

/**
 * The document behind `/monitor.haljson`: title, related monitors and all services embedded, each with links to what is served.
 * @param base prefix of hrefs without a final slash: empty for a bare root, `/m/<instance>` for an instance's
 */
export function halMonitor({ title, related, services }: HalMonitor, base: string): Json {
  return {
    _links: {
      self: { href: `${base}/monitor.haljson` },
      ...(related.length > 0 && { related_monitor: related.map((href) => ({ href })) }),
    },
    _embedded: {
      service: services.map(
        ({ id, title: serviceTitle, status, message, verdict, since, silenced, links }) => ({
          _links: {
            status: { href: links?.status ?? `${base}/public/${encodeURIComponent(id)}.status.json` },
            interface: { href: links?.interface ?? `${base}/public/${encodeURIComponent(id)}/index.html` },
          },
          id,
          ...(serviceTitle !== undefined && { title: serviceTitle }),
          ...(status !== undefined && { status }),
          ...(message !== undefined && { message }),
          ...(verdict !== undefined && { verdict }),
          ...(since !== undefined && { since }),
          ...(silenced !== undefined && { silenced }),
        }),
      ),
    },
    title,
  };
}

/** A service's id in URLs and HAL: the last segment of a promise's subject, the whole subject of any other (URL-encode it in an href). */
export function serviceId(subject: string): string {
  return kindOf(subject) === "promise" ? subject.slice(subject.lastIndexOf("/") + 1) : subject;
}

/** What a status document is made from: of a subject's state, only this. */
export type StatusSubject = Pick<
  SubjectState,
  "subject" | "status" | "message" | "since" | "seen" | "stale"
> & {
  readonly event: Pick<Event, "time" | "data"> | null;
  readonly description: Pick<Description, "title">;
};

/**
 * A subject's `status.json`: `status`, `message`, `title`, `date`, `change-time`, and all that the event's data holds. Anything that is
 * not ok reads BAD unless the data has a word of its own; what is stale is BAD whatever it was, and says why it is stale. A promise's data
 * are such a document already: its message (which may have many lines), date and change time are the ones shown.
 */
export function statusDocument(state: StatusSubject): { readonly [key: string]: Json } {
  const data = state.event?.data;
  const extra =
    data !== null && typeof data === "object" && !Array.isArray(data)
      ? (data as { [key: string]: Json })
      : {};
  const fresh = state.stale === null;
  const own = fresh && kindOf(state.subject) === "promise" ? extra : {};
  const { message, date, "change-time": changeTime } = own;
  const word = fresh && state.status === "ok" ? "OK" : "BAD";
  return {
    ...extra,
    status: fresh && typeof extra.status === "string" ? extra.status : word,
    message: fresh ? (typeof message === "string" ? message : state.message) : state.stale,
    title: state.description.title ?? serviceId(state.subject),
    date: typeof date === "string" ? date : (state.event?.time ?? state.seen),
    "change-time": typeof changeTime === "number" ? changeTime : Date.parse(state.since) / 1000,
  };
}
