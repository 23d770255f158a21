import type { MaintenanceWindow } from "../core/config/model.ts";
import { redactText } from "../core/log.ts";
import { upcoming } from "../core/monitors/schedule.ts";
import { systemClock } from "../core/system-clock.ts";
import { type Paint, printable } from "./terminal.ts";

/** How many beginnings are shown. */
const NEXT_TIMES = 3;

/** A maintenance window for people: what it silences, why, and when. */
export function maintenancePlan(
  { subjects, labels, why, when }: MaintenanceWindow,
  secrets: ReadonlySet<string>,
  paint: Paint,
): readonly string[] {
  const shown = (text: string) => redactText(printable(text), secrets);
  const labelled = Object.entries(labels).map(
    ([name, globs]) => `  labels.${name}: ${JSON.stringify(globs)}`,
  );
  const times =
    "from" in when
      ? [`  from ${utc(when.from)} until ${utc(when.until)}`]
      : [
          `  next times: ${upcoming({ cron: when.schedule, timezone: when.timezone }, NEXT_TIMES, systemClock).map(utc).join(", ")}, for ${when.for / 60_000} min`,
        ];
  return [
    "",
    `${paint("bold", `maintenance of ${shown(subjects.join(", "))}`)} (${shown(why)})`,
    ...labelled.map((line) => redactText(line, secrets)),
    ...times,
  ];
}

function utc(time: number | Date): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
