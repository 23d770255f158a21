import type { EventDraft } from "../../src/plugin/index.ts";

const SUBJECTS = Array.from({ length: 1000 }, (_, index) => `promise/check-${index}`);

/** What a source would emit about a thousand subjects in turn: every fiftieth of them is not well, and one in two hundred drafts is a change. */
export function draft(number: number): EventDraft {
  const subject = number % SUBJECTS.length;
  const bad = subject % 50 === 0 && (number / (4 * SUBJECTS.length)) % 2 >= 1;
  return {
    type: bad ? "promise.failed" : "promise.checked",
    subject: SUBJECTS[subject] as string,
    status: bad ? "critical" : "ok",
    state: bad ? "BAD" : "OK",
    message: bad ? `not well, number ${number}` : `all is well, number ${number}`,
    measures: { duration: { value: 0.0123, unit: "s" } },
    data: { number },
  };
}
