import {
  type Board,
  type Envelope,
  type Event,
  isBad,
  isHousekeeping,
  type Json,
  type Silences,
  type SubjectState,
} from "../../plugin/index.ts";
import { type Change, type ChangeKind, subjectKey } from "./change.ts";
import { isWorse, kindDue, type OpenEpisode, openEpisode, worse } from "./episode.ts";
import { serviceTitle } from "./service-title.ts";

/** Where the book puts what is owed. */
export interface Owed {
  /** Whether it takes another one that may as well wait. */
  readonly hasRoom: boolean;
  /** Whether something about a subject is still to be told. */
  owes(key: string): boolean;
  push(change: Change): void;
  /** Takes back what nobody was told yet about an episode of a subject. */
  withdraw(key: string, episode: string): void;
  /**
   * Takes back what waits to be told about an episode, its DOWN included.
   * @returns whether that waited; if not, nothing is taken back
   */
  forgo(key: string, episode: string): boolean;
  /** Counts what was owed and will never be told. */
  lose(count: number, reason: "full"): void;
}

/** Why an episode was told to nobody: it was shorter than `after`, or over before the end of a silence. */
export type Untold = "brief" | "silenced";

/** What a book is made from. */
export interface BookParts {
  /** Milliseconds that an episode must last to be told. */
  readonly after: number;
  /** Milliseconds between reminders; undefined: none. */
  readonly repeat: number | undefined;
  readonly board: Pick<Board, "find">;
  /** Whether the sink's subscription is about a subject: a reload may have left out one whose episode stands. */
  readonly follows: (state: SubjectState) => boolean;
  /** Whether the target keeps something open for each episode, to be told of its end also where the subject is not watched any more. */
  readonly closes: boolean;
  readonly silences: Pick<Silences, "of">;
  readonly owed: Owed;
  /** Told of each episode that ends without anybody having been owed anything. */
  readonly onUntold: (reason: Untold) => void;
  /** Stages a value of the sink's state; null deletes. */
  readonly save: (key: string, value: Json) => void;
}

/** Prefix of the keys of open episodes, and the key of the last seq, in the sink's state. */
const EPISODE = "e/";
const SEQ = "seq";

/** How an episode ended. */
export interface Ending {
  /** RFC 3339. */
  readonly time: string;
  /** Milliseconds since the epoch: when this instance knew. */
  readonly received: number;
  readonly state: string;
  readonly message: string;
}

/**
 * The book of episodes that stand: which of them somebody was told of, and what is due when. It changes by events and by the clock; all it
 * knows is in the sink's state, staged together with the position of the last event, so that an event counts once however often it comes.
 *
 *     bad event        after has passed         ok event
 *        │   not told   │   told: DOWN is owed   │   told: RECOVERED is owed; not told: forgotten
 *        ▼              ▼                        ▼
 */
export class Book {
  readonly #parts: BookParts;
  readonly #open = new Map<string, OpenEpisode>();
  #seq: number;

  /** @param stored the sink's state as it was saved */
  constructor(parts: BookParts, stored: ReadonlyArray<readonly [key: string, value: Json]>) {
    this.#parts = parts;
    this.#seq = (stored.find(([key]) => key === SEQ)?.[1] as number | undefined) ?? 0;
    for (const [key, value] of stored)
      if (key.startsWith(EPISODE)) this.#open.set(key.slice(EPISODE.length), value as unknown as OpenEpisode);
  }

  /** Seq of the last event it has seen. */
  get seq(): number {
    return this.#seq;
  }

  /** The episodes that stand, by the key of their subject. */
  get open(): ReadonlyMap<string, OpenEpisode> {
    return this.#open;
  }

  /** Takes events in journal order. Those it has seen before are passed over. */
  apply(batch: readonly Envelope[], now: number): void {
    const before = this.#seq;
    for (const envelope of batch) {
      if (envelope.seq <= this.#seq) continue;
      this.#seq = envelope.seq;
      this.#take(envelope, now);
    }
    if (this.#seq !== before) this.#parts.save(SEQ, this.#seq);
  }

  /**
   * Owes what has become due.
   * @returns when the next thing is due, milliseconds since the epoch; infinity when nothing is
   */
  tick(now: number): number {
    const { after, repeat, silences, owed } = this.#parts;
    let next = Number.POSITIVE_INFINITY;
    for (const [key, stored] of this.#open) {
      const entry = this.#upToDate(key, stored, now);
      const due = entry.opened + after;
      const { remindAt } = entry;
      const kind = kindDue(entry, { due, remindAt, now });
      if (kind === undefined) {
        next = Math.min(next, entry.told === null ? due : (remindAt ?? Number.POSITIVE_INFINITY));
        continue;
      }
      // What is silenced waits for the end of the silence, what finds no room for room, and what the board knows to be over for its end.
      if (silences.of(entry) || !owed.hasRoom || !this.#stands(entry)) continue;
      // Nobody needs to be reminded of what they have not heard yet.
      if (kind === "reminder" && owed.owes(key)) {
        this.#keep(key, { ...entry, remindAt: now + (repeat as number) });
        next = Math.min(next, now + (repeat as number));
        continue;
      }
      this.#tell(key, entry, kind, now);
      next = Math.min(next, now + (repeat ?? Number.POSITIVE_INFINITY));
    }
    return next;
  }

  /** An episode is over, with a recovery. */
  end(key: string, ending: Ending, now: number): void {
    const entry = this.#open.get(key);
    if (!entry) return;
    const { after, silences, owed, onUntold } = this.#parts;
    const row = this.#row(entry);
    let told = entry.told !== null;
    if (!told && row && !this.#parts.follows(row)) {
      this.#forget(key);
      return;
    }
    if (!told && ending.received - entry.opened < after) onUntold("brief");
    else if (silences.of(entry) && (!told || owed.forgo(key, entry.episode))) {
      onUntold("silenced");
      told = false;
    } else if (!told && !owed.hasRoom) owed.lose(1, "full");
    else if (!told) {
      // It lasted long enough, and was over before its turn came: a start after a long stop reads the past at once.
      owed.push(this.#change(entry, "down", now));
      told = true;
    }
    if (told)
      owed.push({
        ...this.#change(entry, "recovered", now),
        status: "ok",
        state: ending.state,
        message: ending.message,
        ended: ending.time,
      });
    this.#forget(key);
  }

  /**
   * A subject is not watched any more: its episode ends without a word, and what was owed about that goes, unless the far end would keep it
   * open for ever.
   */
  retire(key: string, now: number): void {
    const { owed, closes } = this.#parts;
    const entry = this.#open.get(key);
    if (!entry) return;
    owed.withdraw(key, entry.episode);
    if (closes && entry.told !== null) owed.push(this.#change(entry, "retired", now));
    this.#forget(key);
  }

  /** Takes over an episode that stands without the event that opened it, for a sink that never got that. */
  adopt(state: SubjectState, event: Event): void {
    const { origin, source, subject, since, episode } = state;
    const key = subjectKey(state);
    if (episode === null || this.#open.has(key)) return;
    const opened = Date.parse(since);
    this.#keep(key, { ...openEpisode(event, { episode, since, opened }), origin, source, subject });
  }

  /** What was told of the episode of a subject reached nobody: its DOWN is due again. */
  untell(key: string): void {
    const entry = this.#open.get(key);
    if (entry) this.#keep(key, { ...entry, told: null, remindAt: null });
  }

  #take(envelope: Envelope, now: number): void {
    const { event } = envelope;
    const key = subjectKey(event);
    if (event.type === "subject.retired") this.retire(key, now);
    else if (isHousekeeping(event.type) || event.status === "unknown") return;
    else if (isBad(event.status)) this.#takeBad(key, envelope, now);
    else this.end(key, endingOf(envelope), now);
  }

  #takeBad(key: string, envelope: Envelope, now: number): void {
    const { event, episode, previous } = envelope;
    const entry = this.#open.get(key);
    if (entry && entry.episode === episode) {
      this.#worsen(key, entry, envelope, now);
      return;
    }
    // Another episode of the same subject: the end of the last one was not among the events that reach this sink, or it was retired since.
    if (entry && previous === null) this.retire(key, now);
    else if (entry) {
      const message = `it recovered, and failed again: ${event.message}`;
      this.end(key, { ...endingOf(envelope), message }, now);
    }
    const { since, received } = envelope;
    const opened = openEpisode(event, { episode: episode ?? event.id, since, opened: Date.parse(received) });
    const { after, owed, silences } = this.#parts;
    if (after === 0 && owed.hasRoom && !silences.of(opened)) this.#tell(key, opened, "down", now);
    else this.#keep(key, opened);
  }

  #worsen(key: string, entry: OpenEpisode, { event }: Envelope, now: number): void {
    const { status, state, message } = event;
    const untold = entry.told === null && entry.message !== message;
    if (status === entry.status && !untold) return;
    const changed: OpenEpisode = { ...entry, status: status as OpenEpisode["status"], state, message };
    const { silences, owed } = this.#parts;
    if (isWorse(changed) && owed.hasRoom && !silences.of(changed)) this.#tell(key, changed, "worse", now);
    else this.#keep(key, changed);
  }

  #tell(key: string, entry: OpenEpisode, kind: ChangeKind, now: number): void {
    const { repeat, owed } = this.#parts;
    const reminders = entry.reminders + (kind === "reminder" ? 1 : 0);
    const remindAt = repeat === undefined ? null : now + repeat;
    const told: OpenEpisode = { ...entry, told: worse(entry.told, entry.status), reminders, remindAt };
    owed.push(this.#change(told, kind, now));
    this.#keep(key, told);
  }

  #change(entry: OpenEpisode, kind: ChangeKind, now: number): Change {
    const { episode, origin, source, subject, status, state, message, labels, since, reminders } = entry;
    const row = this.#row(entry);
    // The latest words about an episode that lasts are on the board: the book does not keep every one.
    const fresh = kind === "reminder" && row?.episode === episode && row.stale === null && isBad(row.status);
    return {
      id: `${episode}/${kind}${kind === "reminder" ? `-${reminders}` : ""}`,
      kind,
      episode,
      origin,
      source,
      subject,
      title: serviceTitle(subject, row),
      status,
      state: fresh ? row.state : state,
      message: fresh ? row.message : message,
      labels,
      since,
      ended: null,
      at: now,
    };
  }

  /** Where somebody has set the clock back nothing waits longer than it was meant to; and `repeat` may have been configured anew. */
  #upToDate(key: string, entry: OpenEpisode, now: number): OpenEpisode {
    const { repeat } = this.#parts;
    const latest = entry.told === null || repeat === undefined ? null : now + repeat;
    const remindAt = latest === null ? null : Math.min(entry.remindAt ?? latest, latest);
    if (entry.opened <= now && remindAt === entry.remindAt) return entry;
    const changed = { ...entry, opened: Math.min(entry.opened, now), remindAt };
    this.#keep(key, changed);
    return changed;
  }

  /** Whether there is still something to tell, as far as the board knows and monitors.yaml wants. */
  #stands(entry: OpenEpisode): boolean {
    const row = this.#row(entry);
    return row?.episode === entry.episode && this.#parts.follows(row);
  }

  #row({ origin, source, subject }: OpenEpisode) {
    return this.#parts.board.find(subject).find((row) => row.origin === origin && row.source === source);
  }

  #keep(key: string, entry: OpenEpisode): void {
    this.#open.set(key, entry);
    this.#parts.save(EPISODE + key, entry);
  }

  #forget(key: string): void {
    this.#open.delete(key);
    this.#parts.save(EPISODE + key, null);
  }
}

function endingOf({ event, received }: Envelope): Ending {
  const { time, state, message } = event;
  return { time, received: Date.parse(received), state, message };
}
