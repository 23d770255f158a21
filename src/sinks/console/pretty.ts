import type { Envelope, Status } from "../../plugin/index.ts";

/** SGR codes: the statuses keep their words, so colour only helps. */
const COLOURS: Readonly<Record<Status, number>> = { critical: 31, warning: 33, unknown: 35, ok: 32 };
const DIM = 2;

/** Widths of the columns; the second grows up to its bound as longer subjects come by. */
const STATUS_WIDTH = 8;
const MAX_SUBJECT_WIDTH = 48;

/** Makes the lines for people: time, status, subject, message, aligned. */
export class PrettyLines {
  readonly #colour: boolean;
  #subjectWidth = 16;

  /** @param colour whether to colour them */
  constructor(colour: boolean) {
    this.#colour = colour;
  }

  /** One line, with its end. The time is local, to the second. */
  line({ event }: Envelope): string {
    const subject = printable(event.subject);
    this.#subjectWidth = Math.min(MAX_SUBJECT_WIDTH, Math.max(this.#subjectWidth, subject.length));
    return `${[
      this.#paint(localTime(event.time), DIM),
      this.#paint(event.status.padEnd(STATUS_WIDTH), COLOURS[event.status]),
      subject.padEnd(this.#subjectWidth),
      printable(event.message),
    ].join("  ")}\n`;
  }

  #paint(text: string, code: number): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** A line stays a line, and what a check printed cannot steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function localTime(time: string): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
