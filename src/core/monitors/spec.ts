import {
  type DrivenMonitorSpec,
  LifeguardError,
  type MonitorSpec,
  type SelfDrivenMonitorSpec,
} from "../../plugin/index.ts";

/** Whether core drives the monitor. */
export function isDriven(spec: MonitorSpec): spec is DrivenMonitorSpec {
  return "schedule" in spec;
}

/**
 * Checks what a source registers; its schedule's cron expression is checked where it is compiled.
 * @throws LifeguardError `MONITOR_INVALID`
 */
export function checkSpec(spec: MonitorSpec): void {
  const refuse = (what: string): never => {
    throw new LifeguardError("MONITOR_INVALID", `monitor "${spec.id}" cannot be registered: ${what}`);
  };
  if (!spec.id) refuse("it needs an id");
  if (!spec.subject) refuse("it needs a subject");
  for (const key of ["fail_after", "recover_after"] as const) {
    const value = spec[key];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      refuse(`${key} is ${value}, expected a whole number from 1`);
  }
  for (const [key, value] of isDriven(spec) ? drivenTimes(spec) : selfDrivenTimes(spec))
    if (!(value > 0 && Number.isFinite(value))) refuse(`${key} is ${value}, expected milliseconds above 0`);
  if (isDriven(spec) && spec.jitter !== undefined && !(spec.jitter >= 0))
    refuse(`jitter is ${spec.jitter}, expected milliseconds`);
}

function drivenTimes({ schedule, timeout }: DrivenMonitorSpec): Array<[key: string, value: number]> {
  const every: Array<[string, number]> = "every" in schedule ? [["every", schedule.every]] : [];
  return [...every, ["timeout", timeout]];
}

function selfDrivenTimes({ stale_after }: SelfDrivenMonitorSpec): Array<[key: string, value: number]> {
  return [["stale_after", stale_after]];
}
