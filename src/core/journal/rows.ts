import type { Envelope } from "../../plugin/index.ts";
import type { Cursor, DeadLetter, SubjectRow } from "./port.ts";

/** A row of the table `cursors`. */
export interface CursorRow {
  readonly sink: string;
  readonly seq: number;
  readonly base: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly dead_lettered: number;
  readonly dropped: number;
}

/** A row of the table `subjects`. */
export interface SubjectTableRow {
  readonly subject: string;
  readonly source: string;
  readonly origin: string;
  readonly latest: string | null;
  readonly measures: string | null;
  readonly description: string | null;
}

/** A row of the table `dead_letters`. */
export interface DeadLetterRow {
  readonly id: number;
  readonly sink: string;
  readonly at: string;
  readonly reason: string;
  readonly attempts: number;
  readonly body: string;
}

/** The cursor that a row holds. */
export function cursorOf({
  sink,
  seq,
  base,
  delivered,
  filtered,
  dead_lettered,
  dropped,
}: CursorRow): Cursor {
  return { sink, seq, base, delivered, filtered, deadLettered: dead_lettered, dropped };
}

/** The subject that a row holds. */
export function subjectOf({
  subject,
  source,
  origin,
  latest,
  measures,
  description,
}: SubjectTableRow): SubjectRow {
  return {
    subject,
    source,
    origin,
    latest: latest === null ? null : JSON.parse(latest),
    measures: measures === null ? null : JSON.parse(measures),
    description: description === null ? null : JSON.parse(description),
  };
}

/** The dead letter that a row holds. */
export function deadLetterOf({ body, ...row }: DeadLetterRow): DeadLetter & { readonly id: number } {
  return { ...row, envelope: JSON.parse(body) as Envelope };
}
