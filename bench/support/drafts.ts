import type { EventDraft } from "../../src/plugin/index.ts";

const SUBJECTS = 1000;

/** What a source would emit about a thousand subjects in turn: every fiftieth of them is not well, and one in two hundred drafts is a change. */
export function draft(number: number): EventDraft {
  const subject = number % SUBJECTS;
  const bad = subject % 50 === 0 && (number / (4 * SUBJECTS)) % 2 >= 1;
  return {
    type: bad ? "promise.failed" : "promise.checked",
    subject: `promise/check-${subject}`,
    status: bad ? "critical" : "ok",
    state: bad ? "BAD" : "OK",
    message: bad ? `not well, number ${number}` : `all is well, number ${number}`,
    measures: { duration: { value: 0.0123, unit: "s" } },
    data: { number },
  };
}
