import type { Description, Envelope, Measure, Status, SubjectState } from "../../plugin/index.ts";
import type { SubjectKey } from "../journal/port.ts";

const NOTHING: Readonly<Record<string, Measure>> = Object.freeze({});
const UNDESCRIBED: Description = Object.freeze({});

/** What monitors.yaml says about a source, and goes before what that says of its subjects. */
export interface SourceSettings {
  /** The heading of its subjects. */
  readonly group?: string | undefined;
  /** Whether they may be looked at without a login. */
  readonly public?: boolean | undefined;
}

/** One subject as the board keeps it. Everything may change but its key; what people get is a snapshot. */
export class Row {
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  /** The last envelope with a verdict. */
  latest: Envelope | null = null;
  /** Seen after that envelope, by housekeeping. */
  measures: Readonly<Record<string, Measure>> | null = null;
  description: Description | null = null;
  seq = 0;
  /** RFC 3339: the last event that was a look at the subject, or when the row began. */
  looked: string;
  /** Milliseconds since the epoch of the last beat; 0 for none. */
  beat = 0;
  /** The beat that the snapshot shows. */
  shownBeat = 0;
  /** Why it is not trusted until it is seen again. */
  doubt: string | null = null;
  /** Whether an event of it was committed; before that, only its monitor knows of it. */
  known = false;
  /** Whether a monitor was given its cell. */
  hasCell = false;
  snapshot: SubjectState | null = null;
  #opened: { readonly own: Description; readonly shown: Description } | undefined;

  constructor({ origin, source, subject }: SubjectKey, looked: string) {
    this.origin = origin;
    this.source = source;
    this.subject = subject;
    this.looked = looked;
  }

  /** Forgets everything but the key and the cell: the subject was retired. */
  reset(looked: string): void {
    this.latest = null;
    this.measures = null;
    this.description = null;
    this.seq = 0;
    this.looked = looked;
    this.doubt = null;
    this.known = false;
    this.snapshot = null;
  }

  /**
   * What people get. It is made anew only after `snapshot` was set to null.
   * @param distrust why nothing of its source is trusted; null while it is
   * @param settings what monitors.yaml says about its source
   */
  state(distrust: string | null, settings: SourceSettings = {}): SubjectState {
    this.snapshot ??= this.#state(distrust ?? this.doubt, settings);
    return this.snapshot;
  }

  /** The same object as long as nothing about it changes, so that whoever compares sees that. */
  #described(open: boolean | undefined): Description {
    const own = this.description ?? UNDESCRIBED;
    if (open === undefined || own.public === open) return own;
    if (this.#opened?.own !== own || this.#opened.shown.public !== open)
      this.#opened = { own, shown: { ...own, public: open } };
    return this.#opened.shown;
  }

  #state(stale: string | null, { group, public: open }: SourceSettings): SubjectState {
    const { origin, source, subject, latest, beat, looked } = this;
    const description = this.#described(open);
    const instance = description.instance ?? source;
    const status: Status = stale !== null || latest === null ? "unknown" : latest.event.status;
    this.shownBeat = beat;
    return {
      origin,
      source,
      subject,
      status,
      state: latest === null ? "PENDING" : latest.event.state,
      message: latest === null ? "no result yet" : latest.event.message,
      since: latest === null ? looked : latest.since,
      seen: beat > Date.parse(looked) ? new Date(beat).toISOString() : looked,
      stale,
      episode: latest === null || latest.event.status === "ok" ? null : latest.episode,
      event: latest === null ? null : latest.event,
      measures: this.measures ?? latest?.event.measures ?? NOTHING,
      seq: this.seq,
      description,
      group: group ?? description.group ?? instance,
      instance,
    };
  }
}
