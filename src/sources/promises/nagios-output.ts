import type { Measure } from "../../plugin/index.ts";
import { parsePerfdata } from "./perfdata.ts";

/** A Nagios plugin's output, taken apart. */
export interface NagiosOutput {
  /** Its text without performance data: the first line, then the long text if there is any. */
  readonly text: string;
  readonly measures: Readonly<Record<string, Measure>>;
}

/**
 * Takes a plugin's output apart: on the first line, performance data follow a `|`; in the lines after it, everything after the first `|`
 * is performance data.
 */
export function parseNagiosOutput(output: string): NagiosOutput {
  const [first = "", ...rest] = output.trim().split(/\r\n|[\r\n]/);
  const [firstText, firstData] = split(first);
  const [longText, longData] = split(rest.join("\n"));
  return {
    text: [firstText, longText].filter((text) => text !== "").join("\n"),
    measures: { ...parsePerfdata(longData), ...parsePerfdata(firstData) },
  };
}

/** Whether an output can only be a Nagios plugin's: a status word on its first line, and performance data that can be read. */
export function looksLikeNagios(output: string): boolean {
  const [first = ""] = output.trimStart().split(/[\r\n]/, 1);
  const [text] = split(first);
  return (
    /\b(?:OK|WARNING|CRITICAL|UNKNOWN)\b/.test(text) &&
    Object.keys(parseNagiosOutput(output).measures).length > 0
  );
}

function split(text: string): [before: string, after: string] {
  const bar = text.indexOf("|");
  return bar < 0 ? [text.trim(), ""] : [text.slice(0, bar).trim(), text.slice(bar + 1)];
}
