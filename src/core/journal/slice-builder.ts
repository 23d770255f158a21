import type { Envelope } from "../../plugin/index.ts";
import type { Change } from "./change.ts";
import type { Cursor } from "./port.ts";
import type { DeadLetterText, Slice, StateText } from "./slice.ts";
import type { SubjectChanges } from "./subject-changes.ts";

/** What one slice holds at most, but for the last event and the rows of the last change: a few milliseconds of work. */
const SLICE_ROWS = 1000;
const SLICE_BYTES = 1024 * 1024;

/** Turns changes into one slice. Every envelope is stringified once; of a subject, a cursor or a key only the last row is kept. */
export class SliceBuilder {
  readonly #envelopes: Envelope[] = [];
  readonly #bodies: string[] = [];
  readonly #received: number[] = [];
  readonly #changes: number[] = [];
  readonly #ownIds = new Map<number, string>();
  readonly #subjects: SubjectChanges;
  readonly #state = new Map<string, StateText>();
  readonly #cursors = new Map<string, Cursor>();
  readonly #deadLetters: DeadLetterText[] = [];
  readonly #deleted: number[] = [];
  readonly #forgotten: string[] = [];
  /** Events and changes, so that many changes without events make a full slice too. */
  #count = 0;
  #bytes = 0;
  #lastReceived = "";
  #lastMilliseconds = 0;

  /** @param subjects what the writer was told of subjects so far; the same for all slices */
  constructor(subjects: SubjectChanges) {
    this.#subjects = subjects;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  /** Whether it is time to send it and begin another one. */
  get full(): boolean {
    return this.#count >= SLICE_ROWS || this.#bytes >= SLICE_BYTES;
  }

  /** Characters of the bodies so far, about as many as bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds events of a change from index `from` on, until the slice is full.
   * @returns the index of the first one that was not added
   */
  addEvents(change: Change, from: number): number {
    const events = change.events ?? [];
    const ownIds = change.ownIds && change.ownIds.length > 0 ? new Set(change.ownIds) : undefined;
    let index = from;
    for (; index < events.length && !this.full; index++) {
      const envelope = events[index] as Envelope;
      const body = JSON.stringify(envelope);
      if (ownIds?.has(envelope.event.id)) this.#ownIds.set(this.#bodies.length, envelope.event.id);
      this.#envelopes.push(envelope);
      this.#bodies.push(body);
      this.#received.push(this.#milliseconds(envelope.received));
      this.#changes.push(envelope.change ? 1 : 0);
      this.#bytes += body.length;
      this.#count++;
    }
    return index;
  }

  /** Adds everything of a change that is not an event. Clean-ups must come first in a slice. */
  addRest(change: Change): void {
    this.#count++;
    this.#forgotten.push(...(change.forgotten ?? []));
    this.#deleted.push(...(change.deletedDeadLetters ?? []));
    for (const row of change.subjects ?? []) this.#subjects.set(row);
    for (const key of change.retired ?? []) this.#subjects.retire(key);
    for (const write of change.state ?? []) this.#state.set(`${write.owner}\0${write.key}`, write);
    for (const cursor of change.cursors ?? []) this.#cursors.set(cursor.sink, cursor);
    for (const { sink, envelope, at, reason, attempts } of change.deadLetters ?? [])
      this.#deadLetters.push({
        sink,
        seq: envelope.seq,
        at,
        reason,
        attempts,
        body: JSON.stringify(envelope),
      });
  }

  build(): Slice {
    return {
      first: this.#envelopes[0]?.seq ?? 0,
      bodies: this.#bodies,
      received: Float64Array.from(this.#received),
      changes: Uint8Array.from(this.#changes),
      ownIds: this.#ownIds,
      ...this.#subjects.take((envelope) => this.#indexOf(envelope)),
      state: [...this.#state.values()],
      cursors: [...this.#cursors.values()],
      deadLetters: this.#deadLetters,
      deletedDeadLetters: this.#deleted,
      forgotten: this.#forgotten,
    };
  }

  #indexOf(envelope: Envelope): number | undefined {
    const index = envelope.seq - (this.#envelopes[0]?.seq ?? 0);
    return this.#envelopes[index] === envelope ? index : undefined;
  }

  /** Events of one batch mostly share their time: parse it once. */
  #milliseconds(received: string): number {
    if (received !== this.#lastReceived) {
      this.#lastReceived = received;
      const milliseconds = Date.parse(received);
      if (Number.isFinite(milliseconds)) this.#lastMilliseconds = milliseconds;
    }
    return this.#lastMilliseconds;
  }
}
