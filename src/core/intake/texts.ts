import { FieldError } from "./draft-error.ts";
import { flat } from "./flat.ts";

const SUBJECT = /^[a-z][a-z0-9-]*\/[^\p{Cc}\u2028\u2029]+$/u;
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

const MAX_SUBJECT = 512;
const MAX_NAME = 512;
const MAX_STATE = 128;
const MAX_MESSAGE = 8192;

/**
 * Checks a subject: `kind/name…`, the kind in lower case, letters, digits and dashes.
 * @throws FieldError
 */
export function checkSubject(subject: unknown): string {
  if (typeof subject !== "string") throw new FieldError("subject", "expected a text");
  if (subject.length > MAX_SUBJECT)
    throw new FieldError("subject", `longer than ${MAX_SUBJECT} characters: ${subject.slice(0, 80)}…`);
  if (!SUBJECT.test(subject) || !subject.isWellFormed())
    throw new FieldError(
      "subject",
      `expected kind/name without control characters, found ${JSON.stringify(subject)}`,
    );
  return subject;
}

/**
 * Checks an id, an origin, or another name that is not for people: not empty, no control characters.
 * @throws FieldError
 */
export function checkName(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "" || value.length > MAX_NAME)
    throw new FieldError(path, `expected a text of 1 to ${MAX_NAME} characters`);
  if (CONTROL.test(value) || !value.isWellFormed())
    throw new FieldError(path, "expected a text without control characters");
  return value;
}

/**
 * Folds a message into one line, and cuts what is too long.
 * @throws FieldError for what is no text
 */
export function oneLine(message: unknown): string {
  return line(message, "message", MAX_MESSAGE);
}

/** The same for a source's own word; absent: empty, to be filled in when the status is known. */
export function stateWord(state: unknown): string {
  return state === undefined ? "" : line(state, "state", MAX_STATE);
}

function line(text: unknown, path: string, max: number): string {
  if (typeof text !== "string") throw new FieldError(path, "expected a text");
  // Cut first: what nobody will read is not worth folding.
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  const folded = CONTROL.test(cut) ? cut.replace(CONTROLS, " ").trim() : cut;
  return flat(folded.isWellFormed() ? folded : folded.toWellFormed());
}
