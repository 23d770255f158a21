import type { Measure, Observation } from "../../plugin/index.ts";
import type { Finding } from "./finding.ts";
import { ms } from "./tally.ts";
import { hostAndPort } from "./target.ts";
import type { Vim } from "./vim.ts";

/** What is told of a VIM because of what one round found. */
export function observationOf(vim: Vim, finding: Finding): Observation {
  const data = {
    vim: vim.name,
    host: vim.target.host,
    ...(finding.address !== null && { address: finding.address }),
    probe: finding.probe,
  };
  const place = placeOf(vim, finding);
  if (finding.outcome === "answer") {
    const { code } = finding;
    const rtt = average(finding.times);
    return {
      status: "ok",
      type: "vim.reachable",
      state: "REACHABLE",
      message: `${place} answers${code === undefined ? "" : ` with HTTP ${code}`} in ${shown(rtt)}`,
      measures: measuresOf(finding, rtt),
      data: { ...data, ...(code !== undefined && { code }) },
    };
  }
  if (finding.outcome === "miss")
    return {
      status: "critical",
      type: "vim.unreachable",
      state: "UNREACHABLE",
      message: `${place} does not answer${finding.reason === null ? "" : `: ${finding.reason}`}`,
      measures: measuresOf(finding),
      data: { ...data, ...(finding.reason !== null && { reason: finding.reason }) },
    };
  const error = finding.error ?? "backend";
  return {
    status: "unknown",
    type: "vim.unknown",
    state: "UNKNOWN",
    message: `cannot be measured (${error}): ${finding.reason ?? EXPLAINED[error]}`,
    data: { ...data, error },
  };
}

const EXPLAINED = {
  dns: "its name cannot be resolved",
  privilege: "lifeguard may not send echo requests",
  backend: "nothing asks it",
  stall: "lifeguard itself stood still",
  "own-network": "there is no way out of this machine",
} as const;

function placeOf({ target }: Vim, { probe, address }: Finding): string {
  const place = probe === "icmp" ? target.host : hostAndPort(target);
  return address === null || address === target.host ? place : `${place} (${address})`;
}

function measuresOf({ sent, times }: Finding, rtt?: number): Record<string, Measure> {
  const loss = sent === 0 ? 0 : Math.round((1000 * 100 * (sent - times.length)) / sent) / 1000;
  return { ...(rtt !== undefined && { rtt: ms(rtt) }), loss: { value: loss, unit: "%", min: 0, max: 100 } };
}

function average(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0) / Math.max(times.length, 1);
}

/** Three digits are what a person reads. */
function shown(milliseconds: number): string {
  return `${Number(milliseconds.toPrecision(3))} ms`;
}
