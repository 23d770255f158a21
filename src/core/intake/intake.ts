import { isDeepStrictEqual } from "node:util";
import {
  type Accepted,
  type Clock,
  type Description,
  type EventDraft,
  type ForeignDraft,
  type Json,
  LifeguardError,
  type Logger,
  type Metrics,
} from "../../plugin/index.ts";
import type { Limits } from "../config/model.ts";
import type { Journal } from "../journal/port.ts";
import type { Batch, Load } from "./batch.ts";
import { Books, type SourceBooks } from "./books.ts";
import type { Checked } from "./check.ts";
import { Checker } from "./checker.ts";
import { Committer } from "./committer.ts";
import { Deferred } from "./deferred.ts";
import { withGrace } from "./grace.ts";
import type { Emitter, IntakeSource } from "./intake-source.ts";
import { IsoClock } from "./iso-clock.ts";
import { Overflow } from "./overflow.ts";
import { Refusals } from "./refusals.ts";
import { Room } from "./room.ts";
import { Sequencer } from "./sequencer.ts";
import { type Standing, Tracker } from "./tracker.ts";
import { Turnstile } from "./turnstile.ts";

/** What intake is made from. */
export interface IntakeOptions {
  readonly journal: Pick<Journal, "origin" | "head" | "append" | "has" | "subjects">;
  readonly limits: Pick<Limits, "intakeQueue" | "intakeBytes" | "subjects" | "eventBytes">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** One of the two ways in, at one moment. */
interface Way {
  readonly books: SourceBooks;
  readonly batch: Batch;
  readonly room: Room;
  /** What the batch takes of the room. */
  readonly load: Load;
  /** RFC 3339. */
  readonly now: string;
}

/** How long an `accept` that the journal is about to commit outlives the abort of its source, in milliseconds. */
const GRACE = 500;

/**
 * The way in: turns drafts into envelopes, in order, and hands them to the journal, which publishes what it committed.
 *
 *     offer  ─► check ─► room for Observables, else dropped ─┐
 *     accept ─► check ─► room for those who wait, in turn ───┴► id, transition, seq ─► batch ─► journal (─► bus) ─► accept resolves
 *
 * The two ways in have a room each, so that neither those who wait starve those who cannot, nor the other way round.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #iso: IsoClock;
  readonly #tracker: Tracker;
  readonly #sequencer: Sequencer;
  readonly #committer: Committer;
  readonly #books: Books;
  readonly #offered: Room;
  readonly #awaited: Room;
  readonly #turnstile = new Turnstile();
  readonly #overflow: Overflow;
  readonly #refusals: Refusals;
  readonly #checker: Checker;
  readonly #own: IntakeSource;
  /** Descriptions, and what monitors say, where there was no room: nobody would say it again. */
  readonly #deferred: Deferred;

  constructor(options: IntakeOptions) {
    const { journal, limits, clock, log, metrics } = options;
    this.#options = options;
    this.#iso = new IsoClock(clock);
    this.#tracker = new Tracker(journal.subjects(), limits.subjects);
    this.#sequencer = new Sequencer({ journal, tracker: this.#tracker });
    this.#committer = new Committer({
      journal,
      log,
      subjects: () => this.#tracker.flush(),
      onSettled: (batch, outcome) => this.#settle(batch, outcome),
    });
    this.#books = new Books(metrics);
    this.#deferred = new Deferred(2 * limits.subjects);
    this.#offered = new Room(limits.intakeQueue, limits.intakeBytes);
    this.#awaited = new Room(limits.intakeQueue, limits.intakeBytes);
    this.#own = {
      name: "lifeguard",
      origin: journal.origin,
      labels: {},
      events: new Map(),
      signal: new AbortController().signal,
    };
    const tell = (draft: EventDraft) => this.tell(draft);
    this.#overflow = new Overflow({ clock, log, tell, ample: () => this.#offered.ample });
    this.#refusals = new Refusals({ clock, log, tell });
    this.#checker = new Checker({ iso: this.#iso, eventBytes: limits.eventBytes, refusals: this.#refusals });
  }

  /**
   * Takes a draft from somebody who cannot wait: an Observable. Never throws: what breaks the contract or finds no room is dropped, counted
   * and told. A draft with a checkpoint always finds room.
   * @param emitter `core`: what core itself says is allowed beside the types that the source declared
   */
  offer(source: IntakeSource, draft: EventDraft, emitter: "source" | "core" = "source"): void {
    const books = this.#received(source, 1);
    const checked = this.#checker.one(source, draft, emitter, books);
    if (!checked) return;
    const always = checked.checkpoint !== undefined || source === this.#own;
    if (always || this.#offered.fits(1, checked.bytes)) this.#takeOffered(source, checked, books);
    else this.#drop(source, books);
  }

  /**
   * Takes what a monitor says. Where there is no room, it waits: a monitor that tells changes alone would not say it again. Of each subject
   * the last verdict counts, and the last of each kind of housekeeping. Never throws.
   * @param emitter `core` for what core itself says about the monitor
   */
  report(source: IntakeSource, draft: EventDraft, emitter: "source" | "core"): void {
    const kind = draft.status === undefined ? draft.type.slice(draft.type.lastIndexOf(".") + 1) : "";
    const key = reportKey(source, draft.subject, kind);
    this.#deferred.forget(key);
    const books = this.#books.of(source.name);
    const checked = this.#checker.one(source, draft, emitter, books);
    const fits = checked?.checkpoint !== undefined || this.#offered.fits(1, checked?.bytes ?? 0);
    if (checked && !fits) {
      const seen = { ...draft, time: draft.time ?? this.#iso.now() };
      if (this.#deferred.add(key, () => this.report(source, seen, emitter))) return;
    }
    this.#received(source, 1);
    if (checked && fits) this.#takeOffered(source, checked, books);
    else if (checked) this.#drop(source, books);
  }

  /** Takes an event about this lifeguard itself: type `lifeguard.…`, of source `lifeguard`. It always finds room. */
  tell(draft: EventDraft): void {
    this.offer(this.#own, draft, "core");
  }

  /**
   * Takes drafts from somebody who waits. All are checked before any is taken; then it waits its turn for room, and resolves when the
   * journal holds them and the bus has published them.
   * @param options `foreign`: whole events of another lifeguard
   * @throws DraftError (`EVENT_INVALID`), LifeguardError `SUBJECTS_FULL` when they name more new subjects than may be known, or the reason
   * of the source's signal; none of the drafts is taken then, but for those that the journal had not committed in time after the abort
   */
  async accept(
    source: IntakeSource,
    drafts: readonly (EventDraft | ForeignDraft)[],
    options?: { readonly foreign?: boolean },
  ): Promise<Accepted> {
    source.signal.throwIfAborted();
    return this.#await(source, this.#checkAll(source, drafts, options?.foreign ? "foreign" : "source"));
  }

  /** Takes events about this lifeguard itself, as `tell` does, and resolves when the journal holds them and their checkpoints. */
  async record(drafts: readonly EventDraft[]): Promise<void> {
    await this.#await(this.#own, this.#checkAll(this.#own, drafts, "core"));
  }

  /** Says what people read about a subject, if that differs from what stands; null retires the subject, if there is one. */
  describe(source: IntakeSource, subject: string, description: Description | null): void {
    const key = `${source.name}\n${subject}`;
    this.#deferred.forget(key);
    const at = { origin: source.origin, source: source.name, subject };
    const retire = description === null;
    // What its monitor said and did not get told yet must not bring a retired subject back; only that it was unregistered is told before.
    if (retire) for (const type of ["", "registered", "monitor_deleted"]) this.#forget(source, subject, type);
    if (retire && !this.#tracker.knows(at)) {
      this.#forget(source, subject, "unregistered");
      return;
    }
    const draft: EventDraft = retire
      ? { type: "subject.retired", subject, message: "no longer watched" }
      : { type: "subject.described", subject, message: "described anew", data: description as Json };
    const books = this.#books.of(source.name);
    const checked = this.#checker.one(source, draft, "core", books);
    if (checked && !retire && isDeepStrictEqual(checked.event.data, this.#tracker.description(at))) return;
    // Descriptions can wait, so they leave half of the room to what cannot: ten thousand of them come with as many first verdicts.
    const room = retire
      ? !this.#deferred.has(reportKey(source, subject, "unregistered"))
      : this.#offered.ample;
    const fits = checked !== undefined && room && this.#offered.fits(1, checked.bytes);
    if (checked && !fits && this.#deferred.add(key, () => this.describe(source, subject, description)))
      return;
    this.#received(source, 1);
    if (fits) this.#takeOffered(source, checked, books);
    else if (checked) this.#drop(source, books);
  }

  /** Retires every subject of a source: it is no longer configured. */
  retireAll(source: IntakeSource): void {
    for (const subject of this.#tracker.subjects(source.origin, source.name))
      this.describe(source, subject, null);
  }

  /** The verdict that stands for a subject of a source, events included that are not committed yet; undefined while there was none. */
  standing(source: Pick<IntakeSource, "name" | "origin">, subject: string): Standing | undefined {
    return this.#tracker.standing({ origin: source.origin, source: source.name, subject });
  }

  /** What was done with the drafts of a source since the start. */
  books(source: string): Readonly<SourceBooks> {
    return this.#books.of(source);
  }

  /** What is taken and not committed yet. */
  load(): Readonly<Load> {
    return {
      events: this.#offered.events + this.#awaited.events,
      bytes: this.#offered.bytes + this.#awaited.bytes,
    };
  }

  /** Resolves when everything taken so far, and every `accept` that waits, is committed and published; rejects with the signal's reason. */
  async drain(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    try {
      while (!this.#committer.idle || this.#turnstile.length > 0 || this.#deferred.size > 0) {
        this.#committer.flush();
        await Promise.race([this.#committer.whenIdle(), aborted.promise]);
      }
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #forget(source: IntakeSource, subject: string, kind: string): void {
    this.#deferred.forget(reportKey(source, subject, kind));
  }

  async #await(source: IntakeSource, checked: readonly Checked[]): Promise<Accepted> {
    const { signal } = source;
    if (checked.length === 0) return { accepted: 0, duplicates: 0 };
    const bytes = checked.reduce((sum, one) => sum + one.bytes, 0);
    return new Promise((resolve, reject) => {
      this.#turnstile.queue(
        () => this.#awaited.fits(checked.length, bytes),
        () => this.#takeAwaited(source, checked, resolve, reject),
        () => reject(signal.reason),
        signal,
      );
    });
  }

  #received(source: IntakeSource, count: number): SourceBooks {
    const books = this.#books.of(source.name);
    books.received += count;
    this.#books.changed();
    return books;
  }

  #checkAll(source: IntakeSource, drafts: readonly EventDraft[], emitter: Emitter): Checked[] {
    try {
      return this.#checker.all(source, drafts, emitter);
    } catch (error) {
      this.#received(source, drafts.length).dropped.invalid += drafts.length;
      throw error;
    }
  }

  #drop(source: IntakeSource, books: SourceBooks): void {
    books.dropped.overflow++;
    this.#overflow.drop(source.name);
  }

  #takeOffered(source: IntakeSource, checked: Checked, books: SourceBooks): void {
    if (source !== this.#own && this.#tracker.fresh([checked]) > this.#tracker.room) {
      books.dropped.subjects++;
      this.#refusals.refuse(source.name, "subjects", this.#tooManySubjects(source));
      return;
    }
    const { batch } = this.#committer;
    this.#admit(source, checked, {
      books,
      batch,
      room: this.#offered,
      load: batch.offered,
      now: this.#iso.now(),
    });
    this.#committer.added();
  }

  #takeAwaited(
    source: IntakeSource,
    drafts: readonly Checked[],
    resolve: (accepted: Accepted) => void,
    reject: (error: unknown) => void,
  ): void {
    const books = this.#received(source, drafts.length);
    if (source !== this.#own && this.#tracker.fresh(drafts) > this.#tracker.room) {
      books.dropped.subjects += drafts.length;
      reject(new LifeguardError("SUBJECTS_FULL", this.#tooManySubjects(source)));
      return;
    }
    const { batch } = this.#committer;
    const way: Way = { books, batch, room: this.#awaited, load: batch.awaited, now: this.#iso.now() };
    let accepted = 0;
    for (const draft of drafts) if (this.#admit(source, draft, way)) accepted++;
    const done = () => resolve({ accepted, duplicates: drafts.length - accepted });
    // Also where all are duplicates: they may be of events that are not committed yet, and even an empty append comes after those.
    batch.waiters.push(withGrace({ resolve: done, reject }, source.signal, this.#options.clock, GRACE));
    this.#committer.added();
  }

  /** Makes an envelope of a draft and puts it into the batch. Returns whether it was new. */
  #admit(source: IntakeSource, checked: Checked, { books, batch, room, load, now }: Way): boolean {
    const { checkpoint, bytes } = checked;
    const seen = this.#sequencer.seen(checked);
    if (checkpoint) batch.remember(source.name, checkpoint);
    if (!seen || checkpoint) {
      room.take(1, bytes);
      load.events++;
      load.bytes += bytes;
    }
    if (seen) {
      books.duplicates++;
      return false;
    }
    const envelope = this.#sequencer.next(checked, now);
    if (checked.ownId) batch.ownIds.push(envelope.event.id);
    batch.add(envelope, books);
    return true;
  }

  #settle(batch: Batch, outcome: "accepted" | "closed"): void {
    this.#sequencer.settle(batch.ownIds);
    batch.settle(outcome);
    this.#books.changed();
    this.#offered.give(batch.offered.events, batch.offered.bytes);
    this.#awaited.give(batch.awaited.events, batch.awaited.bytes);
    this.#turnstile.advance();
    this.#overflow.settle();
    this.#deferred.settle(() => this.#offered.ample);
  }

  #tooManySubjects(source: IntakeSource): string {
    const { subjects } = this.#options.limits;
    return `source ${source.name}: there are ${subjects} subjects, as many as limits allow; a new one was refused`;
  }
}

/** Under which a monitor's last verdict about a subject waits, or its last housekeeping of a kind, such as `registered`. */
function reportKey({ name }: Pick<IntakeSource, "name">, subject: string, kind: string): string {
  return `${name}\n${subject}\n${kind}`;
}
