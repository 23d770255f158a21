import type {
  ComponentHealth,
  Envelope,
  Silence,
  Silences,
  Status,
  SubjectState,
} from "../../plugin/index.ts";
import type { Books } from "../delivery/delivery.ts";

/** A subject as `lifeguard status` shows it. */
export interface SubjectLine {
  readonly source: string;
  readonly subject: string;
  readonly status: Status;
  readonly state: string;
  readonly message: string;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339. */
  readonly seen: string;
  /** Why the last verdict is no longer trusted; null while it is. */
  readonly stale: string | null;
  readonly title: string | null;
  /** The silence that keeps everybody from being told, and ends last; null where none does. */
  readonly silenced: Pick<Silence, "id" | "until"> | null;
}

/** What a running lifeguard tells about itself and what it watches; the body of `GET /status`. */
export interface StatusReport {
  readonly version: string;
  readonly pid: number;
  readonly origin: string;
  readonly title: string | null;
  readonly role: string;
  /** Absolute path of the configuration. */
  readonly config: string;
  /** RFC 3339. */
  readonly started: string;
  /** Whether every component started and none is failing. */
  readonly ready: boolean;
  /** Errors of the last reload that was refused, printed; null when the running configuration is the one on disk. */
  readonly configError: string | null;
  /** Seq of the newest committed event. */
  readonly head: number;
  readonly components: readonly ComponentHealth[];
  /** The books of every sink that delivers, by name. */
  readonly sinks: Readonly<Record<string, Pick<Books, BookKey>>>;
  /** Those that hold, the one that lasts longest first. */
  readonly silences: readonly Silence[];
  readonly subjects: readonly SubjectLine[];
}

type BookKey = "accepted" | "delivered" | "filtered" | "deadLettered" | "dropped" | "unread";

/** Shortens what the board knows to what `status` shows. */
export function subjectLine(state: SubjectState, silences: Silences): SubjectLine {
  const { source, subject, status, message, since, seen, stale, description, event } = state;
  const silence = silences.of({ subject, labels: event?.labels ?? {} });
  return {
    source,
    subject,
    status,
    state: state.state,
    message: stale ?? message,
    since,
    seen,
    stale,
    title: description.title ?? null,
    silenced: silence ? { id: silence.id, until: silence.until } : null,
  };
}

/** Shortens a sink's books to what `status` shows. */
export function bookLine(books: Books): Pick<Books, BookKey> {
  const { accepted, delivered, filtered, deadLettered, dropped, unread } = books;
  return { accepted, delivered, filtered, deadLettered, dropped, unread };
}

/** One line of `GET /tap`. */
export type TapLine = { readonly envelope: Envelope } | { readonly gap: string };
