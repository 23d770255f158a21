import { ControlClient } from "../core/control/client.ts";
import { daysOf, type HistoryReport } from "../core/control/history-report.ts";
import type { SubjectLine } from "../core/control/status-report.ts";
import {
  type Episode,
  LifeguardError,
  parseDuration,
  STATUSES,
  type Status,
  type SubjectDays,
  z,
} from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { ago, align, type Paint, paintFor, printable, STATUS_FORMAT } from "./terminal.ts";

/** What `lifeguard history` may be told. */
export interface HistoryOptions extends PlaceOptions {
  readonly output: "text" | "json";
  /** A length of time, a date or RFC 3339. */
  readonly since: string;
  readonly source?: string | undefined;
}

/**
 * Prints what happened to a subject.
 * @returns 1 where nothing is known of it
 * @throws LifeguardError `SUBJECT_UNKNOWN` where that is to be said in words
 */
export async function history(subject: string, options: HistoryOptions): Promise<number> {
  const now = Date.now();
  const span = { since: sinceTime(options.since, now), until: new Date(now).toISOString() };
  const client = new ControlClient(await dataDirectory(options));
  const report = await client.history(subject, span, options.source);
  const known = report.days.length > 0;
  if (options.output === "json") process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (known) process.stdout.write(historyText(report, paintFor(process.stdout)));
  else throw unknown(subject, options.source, (await client.status()).subjects);
  return known ? EXIT.ok : EXIT.failure;
}

function unknown(word: string, source: string | undefined, lines: readonly SubjectLine[]): LifeguardError {
  const watchers = lines.filter(({ subject }) => subject === word).map((line) => line.source);
  const of = source === undefined ? "" : ` of the source ${printable(source)}`;
  const more =
    watchers.length === 0
      ? meantSubject(
          word,
          lines.map(({ subject }) => subject),
        )
      : source === undefined || watchers.includes(source)
        ? " yet"
        : `: it is watched by ${watchers.map(printable).join(", ")}`;
  return new LifeguardError("SUBJECT_UNKNOWN", `the history knows nothing of ${printable(word)}${of}${more}`);
}

/** What `--since` takes beside a length of time. */
const TIME = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/**
 * RFC 3339 of what `--since` says: `7d` is that long ago, a date its beginning in UTC.
 * @param now milliseconds since the epoch
 * @throws LifeguardError `USAGE` for anything else, and for what is still to come
 */
export function sinceTime(text: string, now: number): string {
  const length = parseDuration(text);
  const time =
    length !== undefined ? now - length : TIME.safeParse(text).success ? Date.parse(text) : Number.NaN;
  if (time > now)
    throw new LifeguardError("USAGE", `"${text}" is still to come: nothing has happened since then`);
  if (Number.isFinite(time) && Math.abs(time) <= 8.64e15) return new Date(time).toISOString();
  throw new LifeguardError(
    "USAGE",
    `"${text}" is no length of time and no time: write 7d, 12h, 2026-01-31 or 2026-01-31T12:00:00Z`,
  );
}

/** One sign a day, so that the line says the same without colours. */
const SIGNS: Readonly<Record<Status, string>> = { critical: "C", warning: "w", unknown: "?", ok: "." };

/** A day on which nobody watched. */
const UNSEEN = "-";

/** The report as text: uptime and days of each source that watches the subject, then its changes, newest first. */
export function historyText(report: HistoryReport, paint: Paint): string {
  const lines = report.days.flatMap((one) => [headline(one, report, paint), `  ${bar(one, paint)}`]);
  const rows = report.changes.map(({ event, previous }) =>
    [event.time, event.status, previous === null ? "" : `was ${previous}`, event.message].map(printable),
  );
  const aligned = align(rows).map(([time = "", status = "", ...rest]) =>
    [time, paint(STATUS_FORMAT[status.trim() as Status], status), ...rest].join("  ").trimEnd(),
  );
  const parts = [lines, aligned, leftOut(report)].filter((part) => part.length > 0);
  return `${parts.map((part) => part.join("\n")).join("\n\n")}\n`;
}

/** What the report does not tell, though it lies in the span. */
function leftOut({ since, until, days, episodes, changes, more }: HistoryReport): readonly string[] {
  const told = days[0]?.days.length ?? 0;
  const asked = daysOf(Date.parse(until) - Date.parse(since));
  const notes: string[] = [];
  if (asked > told) notes.push(`Days, and the uptime in them, are told of the last ${told} only.`);
  if (more.episodes) notes.push(`There are more episodes: only the newest ${episodes.length} are counted.`);
  if (more.changes) notes.push(`There are more changes: only the newest ${changes.length} are told.`);
  return notes;
}

function headline(one: SubjectDays, report: HistoryReport, paint: Paint): string {
  const { subject, source, uptime, days } = one;
  const up = uptime === null ? "uptime unknown" : `up ${percent(uptime)}`;
  const name = paint("bold", printable(subject));
  return `${name}  ${printable(source)}  ${up} ${days.length === 1 ? "today (UTC)" : `in ${days.length} days`}, ${troubles(one, report)}`;
}

/** How many episodes of each verdict there were, and how long they took of the span. */
function troubles({ source, origin }: SubjectDays, { since, until, episodes, more }: HistoryReport): string {
  const own = episodes.filter((episode) => episode.source === source && episode.origin === origin);
  const each = STATUSES.flatMap((verdict) => {
    const alike = own.filter(({ worst }) => worst === verdict);
    const length = alike.reduce((total, episode) => total + within(episode, since, until), 0);
    return alike.length === 0 ? [] : [`${counted(alike.length, `${verdict} episode`)} (${ago(length)})`];
  });
  return `${more.episodes ? "at least " : ""}${each.join(", ") || "no episodes"}`;
}

/** Milliseconds of an episode that lie in a span. */
function within({ began, ended }: Episode, since: string, until: string): number {
  const from = Math.max(Date.parse(began), Date.parse(since));
  const to = Math.min(Date.parse(ended ?? until), Date.parse(until));
  return Math.max(0, to - from);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Never rounded up to a whole: 100 % means that it never was down. */
function percent(share: number): string {
  return `${Math.floor(share * 100_000) / 1000} %`;
}

function bar({ days }: SubjectDays, paint: Paint): string {
  const signs = days.map(({ worst }) =>
    worst === null ? paint("dim", UNSEEN) : paint(STATUS_FORMAT[worst], SIGNS[worst]),
  );
  return [days.at(0)?.day, signs.join(""), days.length > 1 ? days.at(-1)?.day : ""].join("  ").trimEnd();
}
