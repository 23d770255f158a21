import { compareStatus, type SubjectState } from "../../plugin/index.ts";

/**
 * Every service in one line of plain text: status, subject, since, message, with tabs between them, failing first. Control characters
 * become spaces, so that a line is a line and a terminal is not told anything.
 */
export function plainText(states: readonly SubjectState[]): string {
  return [...states]
    .sort((a, b) => compareStatus(a.status, b.status) || (a.subject < b.subject ? -1 : 1))
    .map(
      ({ status, subject, since, stale, message }) =>
        `${[status, subject, since, stale ?? message].map(printable).join("\t")}\n`,
    )
    .join("");
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
