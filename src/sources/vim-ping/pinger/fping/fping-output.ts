/** One answer, or its absence, as fping tells of it. */
export interface FpingResult {
  readonly address: string;
  /** Milliseconds; null when it timed out. */
  readonly time: number | null;
}

/** Reads a line of fping's standard output in loop mode. @returns null for anything else */
export function parseFpingLine(line: string): FpingResult | null {
  const match = /^(\S+)\s*: \[\d+\], (?:\d+ bytes, ([\d.e+-]+) ms|timed out)/.exec(line);
  if (!match) return null;
  const time = match[2] === undefined ? null : Number(match[2]);
  return Number.isNaN(time) ? null : { address: match[1] as string, time };
}

/** What fping says on its standard error about one target. */
export interface FpingRemark {
  readonly address: string;
  readonly text: string;
  readonly duplicate: boolean;
}

/** Reads a line of fping's standard error. @returns null for anything that is about no target */
export function parseFpingRemark(line: string): FpingRemark | null {
  const error = /^ICMP (.+) from (\S+) for ICMP Echo sent to (\S+)/.exec(line);
  if (error) {
    const [, text = "", from, address = ""] = error;
    return { address, text: `${text.toLowerCase()} from ${from}`, duplicate: false };
  }
  const duplicate = /^(\S+)\s*: duplicate for /.exec(line);
  return duplicate ? { address: duplicate[1] as string, text: "duplicate", duplicate: true } : null;
}
