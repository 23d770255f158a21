import { ControlClient } from "../core/control/client.ts";
import type { StatusReport, SubjectLine } from "../core/control/status-report.ts";
import {
  type ComponentHealth,
  compareStatus,
  compileGlob,
  STATUSES,
  type Status,
  worstStatus,
} from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { NAGIOS } from "./exit-code.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { silenceLines } from "./silence.ts";
import { ago, align, type Paint, paintFor, printable, STATUS_FORMAT, shortTime } from "./terminal.ts";

const NOTHING = "nothing is watched";

/** What `lifeguard status` may be told. */
export interface StatusOptions extends PlaceOptions {
  readonly output: "text" | "json";
}

/** Prints what the running lifeguard sees. @returns the Nagios code of the worst */
export async function status(glob: string | undefined, options: StatusOptions): Promise<number> {
  const whole = await new ControlClient(await dataDirectory(options)).status();
  const report = selected(whole, glob);
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(report)}\n`
      : statusText(report, paintFor(process.stdout), Date.now(), nothing(whole, glob)),
  );
  return NAGIOS[worstOf(report)];
}

/** What there is to say where nothing is shown. */
function nothing({ subjects }: StatusReport, glob: string | undefined): string {
  if (glob === undefined || subjects.length === 0) return NOTHING;
  const others = subjects.map(({ subject }) => subject);
  const count = `${others.length} subject${others.length === 1 ? "" : "s"}`;
  return `none of ${count} matches ${printable(glob)}${meantSubject(glob, others)}`;
}

function selected(report: StatusReport, glob: string | undefined): StatusReport {
  if (glob === undefined) return report;
  const matches = compileGlob(glob);
  const subjects = report.subjects.filter(({ subject }) => matches(subject));
  const ids = new Set(subjects.map(({ silenced }) => silenced?.id));
  return { ...report, components: [], subjects, silences: report.silences.filter(({ id }) => ids.has(id)) };
}

/**
 * The worst of all that is watched and not silenced, as nobody is to be told of that, and of lifeguard's own parts; where nothing is
 * selected, nothing is known.
 */
export function worstOf({ subjects, components }: StatusReport): Status {
  if (subjects.length + components.length === 0) return "unknown";
  return worstStatus([...subjects.filter(isLoud), ...components].map((one) => one.status));
}

/**
 * The report as text: one line in the words of Nagios, own parts that are not well, and every subject, worst first.
 * @param now milliseconds since the epoch
 * @param nothing what to say where it has nothing
 */
export function statusText(report: StatusReport, paint: Paint, now: number, nothing = NOTHING): string {
  const troubles = report.components.filter(isTroubled);
  const subjects = report.subjects.toSorted(
    (a, b) =>
      compareStatus(a.status, b.status) || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0),
  );
  const watchers = Map.groupBy(subjects, ({ subject }) => subject);
  // Who watches it matters only where several do.
  const named = ({ subject, source }: SubjectLine) =>
    (watchers.get(subject)?.length ?? 0) > 1 ? `${subject} (${source})` : subject;
  const rows = [
    ...troubles.map(
      (component) =>
        [
          component.status,
          `lifeguard ${component.id}`,
          ago(now - Date.parse(component.since)),
          component.message || component.state,
        ] as const,
    ),
    ...subjects.map(
      (line) => [line.status, named(line), ago(now - Date.parse(line.since)), messageOf(line)] as const,
    ),
  ];
  const aligned = align(rows.map((row) => row.map(printable)));
  const lines = aligned.map(([verdict = "", ...cells], index) => {
    const [state] = rows[index] ?? ["unknown"];
    return [paint(STATUS_FORMAT[state as Status], verdict), ...cells].join("  ").trimEnd();
  });
  const refused =
    report.configError === null
      ? []
      : [
          "",
          paint("yellow", "the configuration on disk was refused; the one before runs:"),
          report.configError,
        ];
  const silenced =
    report.silences.length === 0 ? [] : ["", "nobody is told about:", ...silenceLines(report.silences)];
  const shown = lines.length > 0 ? ["", ...lines] : [];
  return `${[summary(report, paint, nothing), ...shown, ...silenced, ...refused].join("\n")}\n`;
}

function messageOf({ message, silenced }: SubjectLine): string {
  return silenced ? `[silenced until ${shortTime(silenced.until)}] ${message}` : message;
}

function isLoud({ silenced }: SubjectLine): boolean {
  return !silenced;
}

function isTroubled({ status: verdict }: ComponentHealth): boolean {
  return verdict !== "ok";
}

function summary(report: StatusReport, paint: Paint, nothing: string): string {
  const worst = worstOf(report);
  const count = (wanted: Status, of: readonly Pick<SubjectLine, "status">[]) =>
    of.filter((one) => one.status === wanted).length;
  const loud = report.subjects.filter(isLoud);
  const counts = [
    ...STATUSES.map((wanted) => [wanted, count(wanted, loud)] as const),
    ["silenced", report.subjects.length - loud.length] as const,
  ];
  const words = counts.filter(([, number]) => number > 0).map(([wanted, number]) => `${number} ${wanted}`);
  const troubled = report.components.filter(isTroubled).length;
  if (troubled > 0) words.push(`${troubled} of lifeguard's own parts not well`);
  const said = words.length > 0 ? words.join(", ") : nothing;
  const data = counts.map(([wanted, number]) => `${wanted}=${number}`).join(" ");
  return `${paint(["bold", STATUS_FORMAT[worst]], worst.toUpperCase())} - ${said} | ${data}`;
}
