import { z } from "zod";
import { cronExpression, duration, glob } from "../../plugin/fields.ts";
import { LifeguardError } from "../../plugin/index.ts";
import { CronTimes, isTimezone } from "../monitors/schedule.ts";
import { oneOrMany } from "./one-or-many.ts";

const TIMES = [z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })];
const NO_TIME = 'expected a time with its zone, such as "2026-12-01T22:00:00+01:00"';

/** A time with its zone, RFC 3339, seconds optional; the output is milliseconds since the epoch. */
function time() {
  return z
    .string({ error: NO_TIME })
    .refine((text) => TIMES.some((form) => form.safeParse(text).success), NO_TIME)
    .transform((text) => Date.parse(text));
}

const keys = z.object({
  subjects: oneOrMany(glob())
    .optional()
    .describe('Globs of subjects; "*" is everything. May be left out where labels are given.')
    .meta({ examples: [["vim/edge-*"]] }),
  labels: z
    .record(z.string().min(1), oneOrMany(glob()))
    .default({})
    .describe("Globs of label values by label name; all names must match.")
    .meta({ examples: [{ team: ["edge"] }] }),
  why: z.string().min(1).max(1000).default("planned maintenance").describe("What people read about it."),
  from: time()
    .optional()
    .describe("When it begins, if it comes once: RFC 3339 with a zone.")
    .meta({ examples: ["2026-12-01T22:00:00+01:00"] }),
  until: time()
    .optional()
    .describe("When it ends, if it comes once.")
    .meta({ examples: ["2026-12-02T02:00:00+01:00"] }),
  schedule: cronExpression()
    .optional()
    .describe("When it begins, if it comes again and again: five cron fields.")
    .meta({ examples: ["0 2 * * sun"] }),
  timezone: z
    .string()
    .optional()
    .describe(
      "Time zone of the schedule. Without it, the machine's. What begins in an hour that summer time leaves out begins an hour later, in one that comes twice it begins twice.",
    )
    .meta({ examples: ["Europe/Berlin"] }),
  for: duration({ min: "1m", max: "31d" })
    .optional()
    .describe("How long it lasts each time, if it comes by a schedule.")
    .meta({ examples: ["2h"] }),
});

type Keys = z.output<typeof keys>;

/** One maintenance window: once, `from` and `until`, or again and again, by `schedule` and `for`. */
export const maintenanceWindow = keys.superRefine((window, ctx) => {
  for (const key of missingIn(window))
    ctx.addIssue({ code: "invalid_type", expected: "string", input: undefined, path: [key] });
  for (const [path, message] of wrongIn(window)) ctx.addIssue({ code: "custom", path: [...path], message });
});

function* missingIn({ subjects, labels, from, until, schedule, for: length }: Keys): Iterable<keyof Keys> {
  if (!subjects && Object.keys(labels).length === 0) yield "subjects";
  if (schedule !== undefined && length === undefined) yield "for";
  if (schedule === undefined && from === undefined && until !== undefined) yield "from";
  if (schedule === undefined && from !== undefined && until === undefined) yield "until";
}

/** What is wrong with a window as a whole: where in it, and why. */
function* wrongIn(window: Keys): Iterable<readonly [path: readonly string[], message: string]> {
  const { subjects, labels, from, until, schedule, timezone } = window;
  const nothing = "an empty list silences nothing";
  if (subjects?.length === 0) yield [["subjects"], nothing];
  for (const [name, globs] of Object.entries(labels))
    if (globs.length === 0) yield [["labels", name], nothing];
  if (schedule === undefined) {
    if (from === undefined && until === undefined)
      yield [[], "says not when: write from and until, or schedule and for"];
    if (from !== undefined && until !== undefined && until <= from) yield [["until"], "is not after from"];
    for (const key of ["timezone", "for"] as const)
      if (window[key] !== undefined) yield [[key], "belongs to a schedule, and there is none"];
    return;
  }
  for (const key of ["from", "until"] as const)
    if (window[key] !== undefined) yield [[key], "does not go with a schedule: write one or the other"];
  if (timezone !== undefined && !isTimezone(timezone))
    yield [["timezone"], `unknown time zone "${timezone}": write an IANA name such as Europe/Berlin`];
  const wrong = wrongSchedule(schedule);
  if (wrong !== undefined) yield [["schedule"], wrong];
}

function wrongSchedule(schedule: string): string | undefined {
  try {
    new CronTimes(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof LifeguardError) return error.message;
    throw error;
  }
}
