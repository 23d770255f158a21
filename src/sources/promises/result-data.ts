import type { Json } from "../../plugin/index.ts";
import { DEPTH_LIMIT, DOCUMENT_LIMIT } from "./limits.ts";
import { firstCharacters, lastCharacters } from "./text.ts";
import type { Verdict } from "./verdict.ts";

/** When a run was, and since when its status has stood. */
export interface RunTimes {
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly ended: number;
  /** Milliseconds that it took, by a clock that only goes forward. */
  readonly duration: number;
  /** Milliseconds since the epoch: since when the word has been the same. */
  readonly changed: number;
}

/** An event's data: what status.json holds beside title and message. */
export type ResultData = { [key: string]: Json };

/** Bytes of the data: the rest of the file is for the title and to spare. */
const ROOM = DOCUMENT_LIMIT - 4096;

/** Bytes that the note about left-out keys takes at most: ten names of fifty characters, each up to six bytes. */
const NOTE = 3200;

/** Keys that are weighed one by one when there is too much; what comes after so many goes unweighed. */
const MANY = 1000;

/** Characters left of a text when not even dropping all extra keys was enough. */
const SHORT = 1000;

/** The texts of a verdict, the only part that can be shortened. */
type Texts = Pick<Verdict, "message" | "error" | "description">;

/** Keys that are lifeguard's to say. */
const RESERVED = new Set([
  "status",
  "message",
  "description",
  "title",
  "date",
  "start-date",
  "change-time",
  "execution-time",
  "returncode",
  "truncated",
  "note",
]);

/**
 * Puts together what a run said, in the words of status.json, so that the whole file stays below its bound. When there is too much, the
 * promise's extra keys go first, the largest before the others, and a note names them; texts are shortened only after that.
 */
export function resultData(verdict: Verdict, times: RunTimes): ResultData {
  const { usable, deep } = usableExtras(verdict);
  const build = (extras: ReadonlyMap<string, Json>, dropped: readonly string[], texts: Texts): ResultData => {
    const notes = [leftOut("since they nest too deeply", deep), leftOut("for lack of room", dropped)].filter(
      Boolean,
    );
    return {
      ...Object.fromEntries(extras),
      status: verdict.word,
      message: texts.message,
      date: iso(times.ended),
      "start-date": iso(times.started),
      "change-time": times.changed / 1000,
      "execution-time": Math.round(times.duration) / 1000,
      returncode: verdict.returncode,
      ...(texts.error !== undefined && { error: texts.error }),
      ...(texts.description !== undefined && { description: texts.description }),
      ...(verdict.truncated !== undefined && { truncated: verdict.truncated }),
      ...(notes.length > 0 && { note: notes.join("; ") }),
    };
  };

  const whole = build(usable, [], verdict);
  let excess = bytes(whole) - ROOM;
  if (excess <= 0) return whole;
  const kept = new Map([...usable].slice(0, MANY));
  const dropped = [...usable.keys()].slice(MANY);
  if (dropped.length > 0) excess = bytes(build(kept, [], verdict)) - ROOM;
  excess += NOTE;
  if (excess <= 0) return build(kept, dropped, verdict);
  for (const [key, size] of [...kept]
    .map(([key, value]) => [key, bytes({ [key]: value }) - 1] as const)
    .sort(bySize)) {
    kept.delete(key);
    dropped.push(key);
    excess -= size;
    if (excess <= 0) return build(kept, dropped, verdict);
  }
  const none = new Map<string, Json>();
  const texts = { message: verdict.message, error: verdict.error, description: verdict.description };
  let data = build(none, dropped, texts);
  for (const name of ["description", "error", "message"] as const) {
    if (bytes(data) <= ROOM) break;
    texts[name] = lastCharacters(texts[name] ?? "", SHORT);
    data = build(none, dropped, texts);
  }
  return data;
}

function bySize([, a]: readonly [string, number], [, b]: readonly [string, number]): number {
  return b - a;
}

/** The extra keys that can be kept; what a promise calls by one of lifeguard's names cannot, nor what nests without end. */
function usableExtras({ extras, error }: Verdict): { usable: Map<string, Json>; deep: string[] } {
  const usable = new Map<string, Json>();
  const deep: string[] = [];
  for (const [key, value] of Object.entries(extras)) {
    if (RESERVED.has(key) || (key === "error" && error !== undefined)) continue;
    if (nests(value, DEPTH_LIMIT)) usable.set(key, value);
    else deep.push(key);
  }
  return { usable, deep };
}

function leftOut(why: string, keys: readonly string[]): string {
  if (keys.length === 0) return "";
  const named = keys.slice(0, 10).map((key) => firstCharacters(key, 50));
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : "";
  return `keys left out ${why}: ${named.join(", ")}${more}`;
}

/** Whether a value nests no deeper than so many levels. */
function nests(value: Json, levels: number): boolean {
  if (value === null || typeof value !== "object") return true;
  return levels > 0 && Object.values(value).every((inner) => nests(inner as Json, levels - 1));
}

function bytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
