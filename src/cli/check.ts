import { ControlClient } from "../core/control/client.ts";
import type { LogLevel } from "../core/log.ts";
import type { RunReport } from "../core/monitors/registered-monitor.ts";
import { LifeguardError, type Measure } from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { NAGIOS } from "./exit-code.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { type Paint, paintFor, printable, STATUS_FORMAT } from "./terminal.ts";

/** What `lifeguard check` may be told. */
export interface CheckOptions extends PlaceOptions {
  readonly source?: string | undefined;
  readonly role?: string | undefined;
  readonly output: "text" | "json";
  readonly logLevel?: LogLevel | undefined;
}

/** Who ran the monitor: the lifeguard that runs on the data directory, or this process for the occasion. */
type Runner = "daemon" | "alone";

/** Runs one monitor once and prints what it found. @returns the Nagios code of the verdict */
export async function check(subject: string, options: CheckOptions): Promise<number> {
  const { report, runner } = await runOnce(subject, options);
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify({ subject, ...report, runner })}\n`
      : checkText(subject, report, runner, paintFor(process.stdout)),
  );
  return NAGIOS[report.status];
}

async function runOnce(
  subject: string,
  options: CheckOptions,
): Promise<{ report: RunReport; runner: Runner }> {
  const { source } = options;
  const client = new ControlClient(await dataDirectory(options));
  try {
    return { report: await client.check(subject, { source }), runner: "daemon" };
  } catch (error) {
    if (!(error instanceof LifeguardError)) throw error;
    if (error.code === "COMMAND_UNKNOWN") {
      const subjects = (await client.status()).subjects.map((line) => line.subject);
      throw new LifeguardError(error.code, `${error.message}${meantSubject(subject, subjects)}`);
    }
    if (error.code !== "NOT_RUNNING") throw error;
  }
  const { checkAlone } = await import("./check-alone.ts");
  return { report: await checkAlone(subject, options), runner: "alone" };
}

/** Verdict, subject and message on the first line; state, timing and measures below it. */
export function checkText(subject: string, report: RunReport, runner: Runner, paint: Paint): string {
  const { status, state, message, durationMs, measures } = report;
  const verdict = paint(["bold", STATUS_FORMAT[status]], status.toUpperCase());
  const by =
    runner === "daemon"
      ? "run by the running lifeguard"
      : "run alone: no lifeguard runs on the data directory";
  return `${[
    `${verdict} - ${printable(subject)}: ${printable(message)}`,
    paint("dim", `state ${printable(state)}, ${Math.round(durationMs)} ms, ${by}`),
    ...Object.entries(measures).map(([name, measure]) => `  ${printable(name)} ${measureText(measure)}`),
  ].join("\n")}\n`;
}

function measureText({ value, unit, warn, crit }: Measure): string {
  const bounds = [warn !== undefined && `warning ${warn}`, crit !== undefined && `critical ${crit}`].filter(
    Boolean,
  );
  return `${value}${unit === "1" ? "" : ` ${unit}`}${bounds.length > 0 ? ` (${bounds.join(", ")})` : ""}`;
}
