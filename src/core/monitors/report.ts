import type { Outcome } from "./prober.ts";
import type { RunReport } from "./registered-monitor.ts";

/** What is told to whoever asked for a run. */
export function reportOf({ observation, durationMs }: Outcome): RunReport {
  const { status, message, measures = {} } = observation;
  return { status, state: observation.state ?? status.toUpperCase(), message, measures, durationMs };
}
