import type {
  Accepted,
  Clock,
  Description,
  EventDraft,
  ForeignDraft,
  Logger,
  Metrics,
} from "../../plugin/index.ts";
import type { Limits } from "../config/model.ts";
import type { Journal } from "../journal/port.ts";
import { Admission } from "./admission.ts";
import type { Batch, Load } from "./batch.ts";
import { Books, type SourceBooks } from "./books.ts";
import { Checker } from "./checker.ts";
import { Committer } from "./committer.ts";
import type { IntakeSource } from "./intake-source.ts";
import { IsoClock } from "./iso-clock.ts";
import { Offers } from "./offers.ts";
import { Overflow } from "./overflow.ts";
import { Refusals } from "./refusals.ts";
import { Reports } from "./reports.ts";
import { Room } from "./room.ts";
import { Sequencer } from "./sequencer.ts";
import { type Standing, Tracker } from "./tracker.ts";
import { Waiters } from "./waiters.ts";

/** What intake is made from. */
export interface IntakeOptions {
  readonly journal: Pick<Journal, "origin" | "head" | "append" | "has" | "subjects">;
  readonly limits: Pick<Limits, "intakeQueue" | "intakeBytes" | "subjects" | "eventBytes">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * The way in: turns drafts into envelopes, in order, and hands them to the journal, which publishes what it committed.
 *
 *     report, describe ─► what finds no room waits for some ─┐
 *     offer  ─► check ─► room for Observables, else dropped ─┤
 *     accept ─► check ─► room for those who wait, in turn ───┴► id, transition, seq ─► batch ─► journal (─► bus) ─► accept resolves
 *
 * The two ways in have a room each, so that neither those who wait starve those who cannot, nor the other way round.
 */
export class Intake {
  readonly #tracker: Tracker;
  readonly #sequencer: Sequencer;
  readonly #committer: Committer;
  readonly #books: Books;
  readonly #offered: Room;
  readonly #awaited: Room;
  readonly #overflow: Overflow;
  readonly #offers: Offers;
  readonly #reports: Reports;
  readonly #waiters: Waiters;
  readonly #own: IntakeSource;

  constructor({ journal, limits, clock, log, metrics }: IntakeOptions) {
    const { subjects, intakeQueue, intakeBytes, eventBytes } = limits;
    const iso = new IsoClock(clock);
    const tracker = new Tracker(journal.subjects(), subjects);
    const sequencer = new Sequencer({ journal, tracker });
    const books = new Books(metrics);
    const committer = new Committer({
      journal,
      log,
      subjects: () => tracker.flush(),
      onSettled: (batch, outcome) => this.#settle(batch, outcome),
    });
    const own: IntakeSource = {
      name: "lifeguard",
      origin: journal.origin,
      labels: {},
      events: new Map(),
      signal: new AbortController().signal,
    };
    const tell = (draft: EventDraft) => this.tell(draft);
    const refusals = new Refusals({ clock, log, tell });
    const checker = new Checker({ iso, eventBytes, refusals });
    const admission = new Admission({ tracker, sequencer, committer, books, iso, own, subjects });
    this.#own = own;
    this.#tracker = tracker;
    this.#sequencer = sequencer;
    this.#committer = committer;
    this.#books = books;
    this.#offered = new Room(intakeQueue, intakeBytes);
    this.#awaited = new Room(intakeQueue, intakeBytes);
    this.#overflow = new Overflow({ clock, log, tell, ample: () => this.#offered.ample });
    const ways = { admission, checker, committer };
    this.#offers = new Offers({ ...ways, room: this.#offered, overflow: this.#overflow, refusals, own });
    this.#waiters = new Waiters({ ...ways, room: this.#awaited, clock });
    this.#reports = new Reports({
      offers: this.#offers,
      admission,
      books,
      checker,
      tracker,
      iso,
      subjects,
    });
  }

  /**
   * Takes a draft from somebody who cannot wait: an Observable. Never throws: what breaks the contract or finds no room is dropped, counted
   * and told. A draft with a checkpoint always finds room.
   * @param emitter `core`: what core itself says is allowed beside the types that the source declared
   */
  offer(source: IntakeSource, draft: EventDraft, emitter: "source" | "core" = "source"): void {
    this.#offers.offer(source, draft, emitter);
  }

  /**
   * Takes what a monitor says. Where there is no room, it waits: a monitor that tells changes alone would not say it again. Of each subject
   * the last verdict counts, and the last of each kind of housekeeping. Never throws.
   * @param emitter `core` for what core itself says about the monitor
   */
  report(source: IntakeSource, draft: EventDraft, emitter: "source" | "core"): void {
    this.#reports.report(source, draft, emitter);
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
    return this.#waiters.accept(source, drafts, options?.foreign ? "foreign" : "source");
  }

  /** Takes events about this lifeguard itself, as `tell` does, and resolves when the journal holds them and their checkpoints. */
  async record(drafts: readonly EventDraft[]): Promise<void> {
    await this.#waiters.accept(this.#own, drafts, "core");
  }

  /** Says what people read about a subject, if that differs from what stands; null retires the subject, if there is one. */
  describe(source: IntakeSource, subject: string, description: Description | null): void {
    this.#reports.describe(source, subject, description);
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
      while (!this.#committer.idle || this.#waiters.waiting > 0 || this.#reports.waiting > 0) {
        this.#committer.flush();
        await Promise.race([this.#committer.whenIdle(), aborted.promise]);
      }
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #settle(batch: Batch, outcome: "accepted" | "closed"): void {
    this.#sequencer.settle(batch.ownIds);
    batch.settle(outcome);
    this.#books.changed();
    this.#offered.give(batch.offered.events, batch.offered.bytes);
    this.#awaited.give(batch.awaited.events, batch.awaited.bytes);
    this.#waiters.settle();
    this.#overflow.settle();
    this.#reports.settle();
  }
}
