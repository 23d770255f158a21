import {
  type Board,
  type Clock,
  compileFilter,
  type Description,
  type Envelope,
  type Event,
  type Filter,
  type InstanceState,
  isHousekeeping,
  type SubjectState,
} from "../plugin/index.ts";
import { Changes } from "./board/changes.ts";
import { Freshness } from "./board/freshness.ts";
import { HiddenRows } from "./board/hidden-rows.ts";
import { Row, type SourceSettings } from "./board/row.ts";
import { SortedRows } from "./board/sorted-rows.ts";
import { SubjectIndex } from "./board/subject-index.ts";
import { SubjectMap } from "./board/subject-map.ts";
import type { Journal, SubjectKey } from "./journal/port.ts";
import type { Recent } from "./recent.ts";

/** What a board is made from. */
export interface BoardOptions {
  readonly journal: Pick<Journal, "origin" | "subjects" | "changes">;
  readonly recent: Recent;
  readonly clock: Clock;
}

const CHANGES = 1000;
/** How long a shown `seen` may lag behind the beats, in milliseconds: so ten thousand beats a second are not as many new boards. */
const SEEN_LAG = 5000;
const EVERYTHING: Filter = {};
const INSTANCE = "instance/";
const OWN_HEALTH = "lifeguard";

/** What is true now, fed by the bus. It comes back after a restart from the journal's rows, which read stale until they are seen again. */
export class LiveBoard implements Board {
  readonly #origin: string;
  readonly #recent: Recent;
  readonly #clock: Clock;
  readonly #changes: Changes;
  readonly #rows = new SubjectMap<Row>();
  /** Monitors register before the first event of their subject is committed. */
  readonly #hidden = new HiddenRows();
  readonly #bySubject = new SubjectIndex();
  readonly #listed = new SortedRows();
  readonly #instances = new Set<Row>();
  /** Rows that have a monitor's cell. */
  readonly #beating = new Set<Row>();
  readonly #distrusted = new Map<string, string>();
  /** Why no source of this lifeguard is trusted; null while each stands for itself. */
  #allDistrusted: string | null = null;
  readonly #settings = new Map<string, SourceSettings>();
  readonly #filters = new WeakMap<Filter, (envelope: Envelope) => boolean>();
  #version = 1;
  #refreshed: number;
  #subjects: { readonly version: number; readonly states: readonly SubjectState[] } = {
    version: 0,
    states: [],
  };

  constructor({ journal, recent, clock }: BoardOptions) {
    this.#origin = journal.origin;
    this.#recent = recent;
    this.#clock = clock;
    this.#refreshed = clock.monotonic();
    this.#changes = new Changes(journal.changes(CHANGES), CHANGES);
    const started = this.#now();
    const doubt = `not seen since the restart at ${started}`;
    for (const { latest, measures, description, ...key } of journal.subjects()) {
      const row = this.#show(key, latest?.event.time ?? started);
      row.latest = latest;
      row.measures = measures;
      row.description = description;
      row.seq = latest?.seq ?? 0;
      if (row.origin === this.#origin) row.doubt = doubt;
    }
  }

  get version(): number {
    this.#refresh();
    return this.#version;
  }

  subjects(): readonly SubjectState[] {
    this.#refresh();
    if (this.#subjects.version !== this.#version) {
      const states = this.#listed.all().map((row) => this.#state(row));
      this.#subjects = { version: this.#version, states };
    }
    return this.#subjects.states;
  }

  find(subject: string): readonly SubjectState[] {
    this.#refresh();
    return this.#bySubject.find(subject).map((row) => this.#state(row));
  }

  instances(): ReadonlyMap<string, InstanceState> {
    const found = new Map<string, InstanceState>();
    const isOwn = ({ origin }: Row) => Number(origin === this.#origin);
    // What comes later goes before what came earlier.
    for (const { origin, subject, description } of [...this.#instances].sort(
      (a, b) => isOwn(a) - isOwn(b) || a.seq - b.seq,
    ))
      if (description) found.set(subject.slice(INSTANCE.length), { origin, description });
    return found;
  }

  changes(limit: number, filter: Filter = EVERYTHING): readonly Envelope[] {
    return this.#changes.newest(limit, this.#test(filter));
  }

  recent(limit: number, filter: Filter = EVERYTHING): readonly Envelope[] {
    return this.#recent.newest(limit, this.#test(filter));
  }

  /** Takes committed envelopes, in seq order. */
  apply(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      if (envelope.change) this.#changes.push(envelope);
      this.#apply(envelope);
    }
    this.#version++;
  }

  /** The cell where a monitor writes the time of each beat. It holds as long as the monitor keeps it, also where the subject is retired. */
  freshness(origin: string, source: string, subject: string): Freshness {
    const key = { origin, source, subject };
    let row = this.#rows.get(key) ?? this.#hidden.get(key);
    if (!row) {
      row = new Row(key, this.#now());
      this.#hidden.add(row);
    }
    row.hasCell = true;
    if (row.known) this.#beating.add(row);
    return new Freshness(row, this.#trust);
  }

  /**
   * Says that nothing of a source of this lifeguard can be trusted (it crashed, it stalls), or, with null, that it works again. Its
   * subjects then stay stale until each of them is seen.
   */
  distrust(source: string, reason: string | null): void {
    if ((this.#distrusted.get(source) ?? null) === reason) return;
    if (reason === null) this.#distrusted.delete(source);
    else this.#distrusted.set(source, reason);
    this.#mark(source, (row) => {
      if (reason !== null) row.doubt = reason;
    });
  }

  /**
   * Says that nothing of any source of this lifeguard can be trusted, whatever its monitors see (results cannot be kept), or, with null,
   * that it can: at once, since the sources have worked all the time.
   */
  distrustAll(reason: string | null): void {
    if (this.#allDistrusted === reason) return;
    this.#allDistrusted = reason;
    for (const row of this.#rows.values()) if (row.origin === this.#origin) row.snapshot = null;
    this.#version++;
  }

  /** Says why the subjects that pass the test cannot be trusted until they are seen again; null says that they can. */
  distrustSubjects(source: string, test: (subject: string) => boolean, reason: string | null): void {
    this.#mark(source, (row) => {
      if (test(row.subject)) row.doubt = reason;
    });
  }

  /** Tells what monitors.yaml says about a source of this lifeguard. */
  setSource(source: string, settings: SourceSettings): void {
    const before = this.#settings.get(source) ?? {};
    if (before.group === settings.group && before.public === settings.public) return;
    this.#settings.set(source, settings);
    this.#mark(source, () => {});
  }

  #mark(source: string, change: (row: Row) => void): void {
    for (const row of this.#rows.ofSource(this.#origin, source)?.values() ?? []) {
      change(row);
      row.snapshot = null;
    }
    this.#version++;
  }

  readonly #trust = (row: Row): void => {
    row.doubt = null;
    row.snapshot = null;
    this.#version++;
  };

  #apply(envelope: Envelope): void {
    const { event, seq } = envelope;
    if (event.type === "subject.retired") {
      this.#remove(event);
      return;
    }
    const row = this.#rows.get(event) ?? this.#show(event, envelope.received);
    row.seq = seq;
    row.snapshot = null;
    if (isHousekeeping(event.type)) attend(row, event);
    else {
      row.latest = envelope;
      row.measures = null;
      row.looked = event.time;
      row.doubt = null;
    }
  }

  /** Makes the row of a subject of which an event is committed. */
  #show(key: SubjectKey, looked: string): Row {
    const row = this.#hidden.take(key) ?? new Row(key, looked);
    row.known = true;
    this.#rows.set(row, row);
    this.#bySubject.add(row);
    if (row.hasCell) this.#beating.add(row);
    if (row.subject.startsWith(INSTANCE)) this.#instances.add(row);
    else if (row.source !== OWN_HEALTH) this.#listed.add(row);
    return row;
  }

  #remove(key: SubjectKey): void {
    const row = this.#rows.get(key);
    if (!row) return;
    this.#rows.delete(row);
    this.#bySubject.remove(row);
    this.#beating.delete(row);
    if (!this.#instances.delete(row)) this.#listed.remove(row);
    row.reset(this.#now());
    // Its monitor may live on, and its cell with it.
    if (row.hasCell) this.#hidden.add(row);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #state(row: Row): SubjectState {
    if (row.snapshot) return row.snapshot;
    const own = row.origin === this.#origin;
    return row.state(
      own ? (this.#allDistrusted ?? this.#distrusted.get(row.source) ?? null) : null,
      own ? this.#settings.get(row.source) : undefined,
    );
  }

  /** Brings the beats of a while into sight at once. */
  #refresh(): void {
    const now = this.#clock.monotonic();
    if (now - this.#refreshed < SEEN_LAG) return;
    this.#refreshed = now;
    let differs = false;
    for (const row of this.#beating)
      if (row.snapshot && row.beat > row.shownBeat) {
        row.snapshot = null;
        differs = true;
      }
    if (differs) this.#version++;
  }

  #test(filter: Filter): (envelope: Envelope) => boolean {
    const known = this.#filters.get(filter);
    if (known) return known;
    const test = compileFilter(filter);
    this.#filters.set(filter, test);
    return test;
  }
}

/** What an event without a verdict says about a row. */
function attend(row: Row, event: Event): void {
  if (event.type === "subject.described") {
    row.description = event.data as unknown as Description;
    return;
  }
  if (Object.keys(event.measures).length > 0) row.measures = event.measures;
  if (event.type.endsWith(".measured")) {
    row.looked = event.time;
    row.doubt = null;
  } else if (event.type.endsWith(".monitor_deleted")) row.doubt = event.message;
  else if (event.type.endsWith(".unregistered")) row.doubt = `no longer monitored since ${event.time}`;
}
