import { ControlClient } from "../core/control/client.ts";
import type { HistoryReport } from "../core/control/history-report.ts";
import type { SubjectLine } from "../core/control/status-report.ts";
import { LifeguardError, parseDuration, type Status, type SubjectDays } from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { ago, align, type Paint, paintFor, printable, STATUS_FORMAT } from "./terminal.ts";

/** What `lifeguard history` may be told. */
export interface HistoryOptions extends PlaceOptions {
  readonly output: "text" | "json";
  /** A length of time, or a time. */
  readonly since: string;
  readonly source?: string | undefined;
}

/**
 * Prints what happened to a subject.
 * @returns 1 where nothing is known of it
 * @throws LifeguardError `SUBJECT_UNKNOWN` where that is to be said in words
 */
export async function history(subject: string, options: HistoryOptions): Promise<number> {
  const since = sinceTime(options.since, Date.now());
  const client = new ControlClient(await dataDirectory(options));
  const report = await client.history(subject, since, options.source);
  const known = report.days.length > 0;
  if (options.output === "json") process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (known) process.stdout.write(historyText(report, paintFor(process.stdout)));
  else throw unknown(subject, (await client.status()).subjects);
  return known ? EXIT.ok : EXIT.failure;
}

function unknown(word: string, lines: readonly SubjectLine[]): LifeguardError {
  const subjects = lines.map(({ subject }) => subject);
  const more = subjects.includes(word) ? " yet" : meantSubject(word, subjects);
  return new LifeguardError("SUBJECT_UNKNOWN", `the history knows nothing of ${printable(word)}${more}`);
}

/**
 * RFC 3339 of what `--since` says: `7d` is that long ago.
 * @param now milliseconds since the epoch
 */
export function sinceTime(text: string, now: number): string {
  const length = parseDuration(text);
  const time = length === undefined ? Date.parse(text) : now - length;
  if (Number.isFinite(time) && Math.abs(time) <= 8.64e15) return new Date(time).toISOString();
  throw new LifeguardError(
    "USAGE",
    `"${text}" is no length of time and no time: write 7d, 12h or 2026-01-31`,
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
  return `${[...lines, ...(aligned.length > 0 ? ["", ...aligned] : [])].join("\n")}\n`;
}

function headline(
  { subject, source, origin, uptime, days }: SubjectDays,
  { episodes }: HistoryReport,
  paint: Paint,
): string {
  const own = episodes.filter((episode) => episode.source === source && episode.origin === origin);
  const bad = own.reduce((total, { duration }) => total + duration, 0);
  const up = uptime === null ? "uptime unknown" : `up ${percent(uptime)}`;
  const troubles =
    own.length === 0
      ? "no episodes"
      : `${own.length} episode${own.length === 1 ? "" : "s"}, ${ago(bad)} in all`;
  const name = paint("bold", printable(subject));
  return `${name}  ${printable(source)}  ${up} in ${days.length} day${days.length === 1 ? "" : "s"}, ${troubles}`;
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
