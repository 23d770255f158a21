import type { Measure } from "../../plugin/index.ts";
import type { Meter } from "./copy-json.ts";
import { FieldError } from "./draft-error.ts";

const NO_MEASURES: Readonly<Record<string, Measure>> = Object.freeze({});

/**
 * Copies labels, over those that monitors.yaml gives the source.
 * @throws FieldError for what is no text
 */
export function copyLabels(
  labels: unknown,
  base: Readonly<Record<string, string>>,
  meter: Meter,
): Readonly<Record<string, string>> {
  if (labels === undefined) return base;
  const copy: Record<string, string> = { ...base };
  for (const [name, value] of entries(labels, "labels")) {
    if (value === undefined) continue;
    if (typeof value !== "string") throw new FieldError(`labels.${name}`, "expected a text");
    meter.size += name.length + value.length + 6;
    copy[name] = value;
  }
  return copy;
}

/**
 * Copies measures.
 * @throws FieldError for what cannot be plotted
 */
export function copyMeasures(measures: unknown, meter: Meter): Readonly<Record<string, Measure>> {
  if (measures === undefined) return NO_MEASURES;
  const copy: Record<string, Measure> = {};
  for (const [name, value] of entries(measures, "measures")) {
    if (value === undefined) continue;
    meter.size += name.length + 30;
    copy[name] = copyMeasure(value, `measures.${name}`, meter);
  }
  return copy;
}

function copyMeasure(measure: unknown, path: string, meter: Meter): Measure {
  if (measure === null || typeof measure !== "object") throw new FieldError(path, "expected { value, unit }");
  const { value, unit, warn, crit, min, max } = measure as { [Key in keyof Measure]?: unknown };
  if (typeof unit !== "string") throw new FieldError(`${path}.unit`, "expected a text");
  meter.size += unit.length;
  const copy: { -readonly [Key in keyof Measure]: Measure[Key] } = {
    value: finite(value, `${path}.value`),
    unit,
  };
  if (warn !== undefined) copy.warn = bound(warn, `${path}.warn`, meter);
  if (crit !== undefined) copy.crit = bound(crit, `${path}.crit`, meter);
  if (min !== undefined) copy.min = finite(min, `${path}.min`);
  if (max !== undefined) copy.max = finite(max, `${path}.max`);
  return copy;
}

/** A threshold: a number, or a range as Nagios plugins write it. */
function bound(value: unknown, path: string, meter: Meter): number | string {
  if (typeof value !== "string") return finite(value, path);
  meter.size += value.length + 10;
  return value;
}

function finite(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new FieldError(path, "expected a finite number");
  return value + 0; // JSON has no -0
}

function entries(value: unknown, path: string): [name: string, value: unknown][] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new FieldError(path, "expected an object");
  const found = Object.entries(value);
  if (Object.hasOwn(value, "__proto__"))
    throw new FieldError(`${path}.__proto__`, "this name is not allowed");
  return found;
}
