import { type Status, z } from "../../plugin/index.ts";

/** The data of every event of a promise's run: what status.json holds beside its title. The promise's own keys are beside these. */
const resultSchema = z.looseObject({
  status: z.string().describe("OK, BAD, or the promise's own word"),
  message: z.string().optional().describe("The whole message, where it has more than the event's one line"),
  description: z.string().optional(),
  date: z.string().describe("When it was through, UTC"),
  "start-date": z.string(),
  "change-time": z.number().describe("Since when the word is the same, seconds since the epoch"),
  "execution-time": z.number().describe("Seconds"),
  returncode: z
    .int()
    .nullable()
    .describe("Exit code, or minus the signal's number; null when it never ran or was stopped"),
  error: z.string().optional().describe("Standard error"),
  truncated: z.string().optional(),
  note: z.string().optional(),
});

/** What a run of a promise may emit. The first is core's word for a run that never said anything. */
export const promiseEvents = {
  "promise.failed": resultSchema,
  "promise.warned": resultSchema,
  "promise.passed": resultSchema,
  "promise.undetermined": resultSchema,
} as const;

const TYPES: Readonly<Record<Status, keyof typeof promiseEvents>> = {
  ok: "promise.passed",
  warning: "promise.warned",
  critical: "promise.failed",
  unknown: "promise.undetermined",
};

/** The type of the event of a run with this verdict. */
export function eventType(status: Status): keyof typeof promiseEvents {
  return TYPES[status];
}
