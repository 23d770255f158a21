import { LINE_LIMIT } from "./limits.ts";

/** The last characters of a text; half a surrogate pair at the cut is dropped. */
export function lastCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const tail = text.slice(text.length - limit);
  const first = tail.charCodeAt(0);
  return first >= 0xdc00 && first <= 0xdfff ? tail.slice(1) : tail;
}

/** The first characters of a text; half a surrogate pair at the cut is dropped. */
export function firstCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit);
  const last = head.charCodeAt(head.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const ESCAPES = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[@-Z\\-_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROLS = / *[\u0000-\u001f\u007f-\u009f\u2028\u2029]+ */g;

/** A text as one line that a terminal, a feed and a log can print: the colours and control characters of other programs taken out. */
export function printable(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, " ").trim();
}

/**
 * The one line of a longer text that tells most: the first with anything in it; of a traceback, or where the beginning is lost, the last.
 * @param cut whether the text's beginning is lost
 */
export function tellingLine(text: string, cut: boolean): string {
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map(printable)
    .filter((line) => line !== "");
  const last = cut || lines[0]?.startsWith("Traceback (most recent call last)");
  return firstCharacters((last ? lines.at(-1) : lines[0]) ?? "", LINE_LIMIT);
}
