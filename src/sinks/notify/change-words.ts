import type { Change } from "./change.ts";
import { durationText } from "./duration-text.ts";
import { timeText } from "./text.ts";

/** A change in one word: `DOWN`, `WARNING`, `WORSE`, `STILL DOWN`, `RECOVERED`, `NOT WATCHED`. */
export function wordOf({ kind, status }: Pick<Change, "kind" | "status">): string {
  const word = status === "warning" ? "WARNING" : "DOWN";
  return {
    down: word,
    worse: "WORSE",
    reminder: `STILL ${word}`,
    recovered: "RECOVERED",
    retired: "NOT WATCHED",
  }[kind];
}

/** What changed and since when, in a few words: `down since 2026-01-31 10:00:00 UTC`. */
export function whenText({ kind, since, ended, status }: Omit<Change, "at">): string {
  if (kind === "recovered" && ended !== null)
    return `ok since ${timeText(ended)}, after ${durationText(Date.parse(ended) - Date.parse(since))}`;
  if (kind === "retired") return `not watched any more, ${status} since ${timeText(since)}`;
  if (kind === "worse") return `critical now, not ok since ${timeText(since)}`;
  return `${status === "warning" ? "warning" : "down"} since ${timeText(since)}`;
}
