import type { EventDraft } from "../../plugin/index.ts";
import type { SourceBooks } from "./books.ts";
import { type Checked, checkDraft } from "./check.ts";
import type { DraftError } from "./draft-error.ts";
import type { Emitter, IntakeSource } from "./intake-source.ts";
import type { IsoClock } from "./iso-clock.ts";
import type { Refusals } from "./refusals.ts";

/** What checking needs beside the drafts. */
export interface CheckerParts {
  readonly iso: IsoClock;
  /** Most bytes of one event as JSON. */
  readonly eventBytes: number;
  readonly refusals: Refusals;
}

/** Checks drafts against the contract as they come in. */
export class Checker {
  readonly #parts: CheckerParts;

  constructor(parts: CheckerParts) {
    this.#parts = parts;
  }

  /** Checks one of somebody who does not wait: what breaks the contract is counted and told. @returns undefined for that */
  one(source: IntakeSource, draft: EventDraft, emitter: Emitter, books: SourceBooks): Checked | undefined {
    try {
      return this.#check(source, draft, emitter);
    } catch (error) {
      books.dropped.invalid++;
      const { field, message } = error as DraftError;
      this.#parts.refusals.refuse(source.name, field, message);
      return undefined;
    }
  }

  /** Checks those of somebody who waits. @throws DraftError for the first that breaks the contract */
  all(source: IntakeSource, drafts: readonly EventDraft[], emitter: Emitter): Checked[] {
    return drafts.map((draft) => this.#check(source, draft, emitter));
  }

  #check(source: IntakeSource, draft: EventDraft, emitter: Emitter): Checked {
    const { iso, eventBytes } = this.#parts;
    return checkDraft(source, draft, { emitter, now: iso.now(), eventBytes });
  }
}
