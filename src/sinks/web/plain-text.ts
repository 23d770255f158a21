import { compareStatus, type SubjectState } from "../../plugin/index.ts";
import type { SilenceOf } from "./page/listing.ts";

/**
 * Every service in one line of plain text: status, subject, since, message, with tabs between them, failing first. Control characters
 * become spaces, so that a line is a line and a terminal is not told anything. What is silenced says so before its message.
 */
export function plainText(states: readonly SubjectState[], silenceOf: SilenceOf): string {
  return [...states]
    .sort((a, b) => compareStatus(a.status, b.status) || (a.subject < b.subject ? -1 : 1))
    .map((state) => {
      const { status, subject, since, stale, message } = state;
      const silence = silenceOf(state);
      const words = `${silence ? `[silenced until ${silence.until}] ` : ""}${stale ?? message}`;
      return `${[status, subject, since, words].map(printable).join("\t")}\n`;
    })
    .join("");
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
