import type { EventDraft } from "../../plugin/index.ts";
import type { Admission, Way } from "./admission.ts";
import type { SourceBooks } from "./books.ts";
import type { Checked } from "./check.ts";
import type { Checker } from "./checker.ts";
import type { Committer } from "./committer.ts";
import type { IntakeSource } from "./intake-source.ts";
import type { Overflow } from "./overflow.ts";
import type { Refusals } from "./refusals.ts";
import type { Room } from "./room.ts";

/** What the way in for those who cannot wait is made from. */
export interface OffersParts {
  readonly admission: Admission;
  readonly checker: Checker;
  readonly committer: Committer;
  readonly room: Room;
  readonly overflow: Overflow;
  readonly refusals: Refusals;
  /** This lifeguard itself, for which there is always room. */
  readonly own: IntakeSource;
}

/** The way in for those who cannot wait: there is room at once, or what they say is dropped, counted and told. */
export class Offers {
  readonly #parts: OffersParts;
  readonly #way: Way;

  constructor(parts: OffersParts) {
    this.#parts = parts;
    this.#way = { name: "offered", room: parts.room };
  }

  /** Whether at most half of the room is taken. */
  get ample(): boolean {
    return this.#parts.room.ample;
  }

  /** Takes a draft, or drops it. One with a checkpoint always finds room. */
  offer(source: IntakeSource, draft: EventDraft, emitter: "source" | "core"): void {
    const { admission, checker, own } = this.#parts;
    const books = admission.received(source, 1);
    const checked = checker.one(source, draft, emitter, books);
    if (!checked) return;
    if (source === own || this.fits(checked)) this.take(source, checked, books);
    else this.drop(source, books);
  }

  /** Whether there is room for a draft. */
  fits({ checkpoint, bytes }: Checked): boolean {
    return checkpoint !== undefined || this.#parts.room.fits(1, bytes);
  }

  /** Takes a draft that was counted, unless it names a subject too many. */
  take(source: IntakeSource, checked: Checked, books: SourceBooks): void {
    const { admission, committer, refusals } = this.#parts;
    const drafts = [checked];
    const refusal = admission.tooManySubjects(source, drafts);
    if (refusal !== undefined) {
      books.dropped.subjects++;
      refusals.refuse(source.name, "subjects", refusal);
      return;
    }
    admission.admit(source, drafts, books, this.#way);
    committer.added();
  }

  /** Drops a draft that was counted. */
  drop(source: IntakeSource, books: SourceBooks): void {
    books.dropped.overflow++;
    this.#parts.overflow.drop(source.name);
  }
}
