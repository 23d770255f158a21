import { isDeepStrictEqual } from "node:util";
import type { Description, EventDraft, Json } from "../../plugin/index.ts";
import type { Admission } from "./admission.ts";
import type { Books } from "./books.ts";
import type { Checker } from "./checker.ts";
import { Deferred } from "./deferred.ts";
import type { IntakeSource } from "./intake-source.ts";
import type { IsoClock } from "./iso-clock.ts";
import type { Offers } from "./offers.ts";
import type { Tracker } from "./tracker.ts";

/** What takes reports is made from. */
export interface ReportsParts {
  readonly offers: Offers;
  readonly admission: Admission;
  readonly books: Books;
  readonly checker: Checker;
  readonly tracker: Tracker;
  readonly iso: IsoClock;
  /** How many subjects may be known. */
  readonly subjects: number;
}

/**
 * Takes what core says of a source's subjects: verdicts of monitors, and descriptions. Nobody would say it again, so that what finds no room
 * waits for some; of each subject only the last of a kind counts.
 */
export class Reports {
  readonly #parts: ReportsParts;
  readonly #deferred: Deferred;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
    this.#deferred = new Deferred(2 * parts.subjects);
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#deferred.size;
  }

  /** Takes what a monitor says: of each subject the last verdict counts, and the last of each kind of housekeeping. */
  report(source: IntakeSource, draft: EventDraft, emitter: "source" | "core"): void {
    const { offers, admission, books, checker, iso } = this.#parts;
    const kind = draft.status === undefined ? draft.type.slice(draft.type.lastIndexOf(".") + 1) : "";
    const key = keyOf(source, draft.subject, kind);
    this.#deferred.forget(key);
    const counts = books.of(source.name);
    const checked = checker.one(source, draft, emitter, counts);
    const fits = checked !== undefined && offers.fits(checked);
    if (checked && !fits) {
      const seen = { ...draft, time: draft.time ?? iso.now() };
      if (this.#deferred.add(key, () => this.report(source, seen, emitter))) return;
    }
    admission.received(source, 1);
    if (fits) offers.take(source, checked, counts);
    else if (checked) offers.drop(source, counts);
  }

  /** Takes what people read about a subject, if that differs from what stands; null retires the subject, if there is one. */
  describe(source: IntakeSource, subject: string, description: Description | null): void {
    const { offers, admission, books, checker, tracker } = this.#parts;
    const key = `${source.name}\n${subject}`;
    this.#deferred.forget(key);
    const at = { origin: source.origin, source: source.name, subject };
    const retire = description === null;
    // What its monitor said and did not get told yet must not bring a retired subject back; only that it was unregistered is told before.
    if (retire) for (const kind of ["", "registered", "monitor_deleted"]) this.#forget(source, subject, kind);
    if (retire && !tracker.knows(at)) {
      this.#forget(source, subject, "unregistered");
      return;
    }
    const draft: EventDraft = retire
      ? { type: "subject.retired", subject, message: "no longer watched" }
      : { type: "subject.described", subject, message: "described anew", data: description as Json };
    const counts = books.of(source.name);
    const checked = checker.one(source, draft, "core", counts);
    if (checked && !retire && isDeepStrictEqual(checked.event.data, tracker.description(at))) return;
    // Descriptions can wait, so they leave half of the room to what cannot: ten thousand of them come with as many first verdicts.
    const room = retire ? !this.#deferred.has(keyOf(source, subject, "unregistered")) : offers.ample;
    const fits = checked !== undefined && room && offers.fits(checked);
    if (checked && !fits && this.#deferred.add(key, () => this.describe(source, subject, description)))
      return;
    admission.received(source, 1);
    if (fits) offers.take(source, checked, counts);
    else if (checked) offers.drop(source, counts);
  }

  /** There may be room for those that wait. */
  settle(): void {
    this.#deferred.settle(() => this.#parts.offers.ample);
  }

  #forget(source: IntakeSource, subject: string, kind: string): void {
    this.#deferred.forget(keyOf(source, subject, kind));
  }
}

/** Under which a monitor's last verdict about a subject waits, or its last housekeeping of a kind, such as `registered`. */
function keyOf({ name }: Pick<IntakeSource, "name">, subject: string, kind: string): string {
  return `${name}\n${subject}\n${kind}`;
}
