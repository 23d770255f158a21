import type { Measure } from "../../plugin/index.ts";
import { LABEL_LIMIT, MEASURES_LIMIT } from "./limits.ts";

const NUMBER = String.raw`[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?`;
const VALUE = new RegExp(String.raw`^(${NUMBER})([^\d\s;'",]*)$`);
const WHOLE_NUMBER = new RegExp(`^${NUMBER}$`);
/** `'label with blanks'=…` or `label=…`, up to the next blank. */
const ITEM = /(?:'((?:[^']|'')*)'|([^\s='][^\s=]*))=(\S*)/g;

/**
 * Reads a Nagios plugin's performance data: `'label'=value[unit];[warn];[crit];[min];[max]`, separated by blanks. What is not of this
 * form, and values a plugin calls unknown (`U`), are left out.
 */
export function parsePerfdata(text: string): Record<string, Measure> {
  const measures = new Map<string, Measure>();
  for (const [, quoted, bare, data = ""] of text.matchAll(ITEM)) {
    const label = (quoted?.replaceAll("''", "'") ?? bare ?? "").trim();
    const [value = "", warn = "", crit = "", min = "", max = ""] = data.split(";");
    const [, amount, unit] = VALUE.exec(value) ?? [];
    if (amount === undefined || label === "" || label.length > LABEL_LIMIT || measures.size >= MEASURES_LIMIT)
      continue;
    const number = toNumber(amount);
    if (!Number.isFinite(number)) continue;
    measures.set(label, {
      value: number,
      unit: unit || "1",
      ...(warn !== "" && { warn: threshold(warn) }),
      ...(crit !== "" && { crit: threshold(crit) }),
      ...(WHOLE_NUMBER.test(min) && { min: toNumber(min) }),
      ...(WHOLE_NUMBER.test(max) && { max: toNumber(max) }),
    });
  }
  return Object.fromEntries(measures);
}

/** A plain number, or a range such as `10:20` or `@~:5` as it is written. */
function threshold(text: string): number | string {
  return WHOLE_NUMBER.test(text) ? toNumber(text) : text.slice(0, LABEL_LIMIT);
}

/** Some plugins write numbers in their user's language. */
function toNumber(text: string): number {
  return Number(text.replace(",", "."));
}
