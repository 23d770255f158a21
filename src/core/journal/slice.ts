import type { Cursor } from "./port.ts";

/**
 * A part of a group on its way to the writer: the rows as text, so that they cross the thread boundary as cheaply as possible and are
 * stringified once, on the side that has the objects.
 */
export interface Slice {
  /** Seq of the first event; the others follow without a hole. */
  readonly first: number;
  /** One envelope each, as JSON. An array of flat strings crosses faster than one joined text or a transferred buffer. */
  readonly bodies: readonly string[];
  /** Milliseconds since the epoch, one for each body. */
  readonly received: Float64Array;
  /** 1 for each body that is a change. */
  readonly changes: Uint8Array;
  /** Ids that came with their drafts, by index of the body. */
  readonly ownIds: ReadonlyMap<number, string>;
  /** Four values a subject that the writer does not know yet: a number, by which it is called from then on, subject, source, origin. */
  readonly introduced: ReadonlyArray<string | number>;
  /**
   * Four values a row, since objects cross slowly: the subject's number, latest envelope (index of its body, or its text, or null),
   * measures, description.
   */
  readonly subjects: ReadonlyArray<string | number | null>;
  /** Numbers of subjects to forget, none of which is in `subjects`. A subject that comes back gets another one. */
  readonly retired: readonly number[];
  readonly state: readonly StateText[];
  readonly cursors: readonly Cursor[];
  readonly deadLetters: readonly DeadLetterText[];
  readonly deletedDeadLetters: readonly number[];
  /** Owners (`source/…`, `sink/…`) to forget; done before everything else in the slice. */
  readonly forgotten: readonly string[];
}

/** One write to an instance's key-value store; null deletes. */
export interface StateText {
  readonly owner: string;
  readonly key: string;
  readonly value: string | null;
}

/** A dead letter with its envelope as JSON. */
export interface DeadLetterText {
  readonly sink: string;
  readonly seq: number;
  readonly at: string;
  readonly reason: string;
  readonly attempts: number;
  readonly body: string;
}
