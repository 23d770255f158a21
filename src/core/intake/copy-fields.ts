import type { Measure } from "../../plugin/index.ts";
import type { Meter } from "./copy-json.ts";
import { FieldError } from "./draft-error.ts";

type MutableMeasure = { -readonly [Key in keyof Measure]: Measure[Key] };

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
  return copyEach("labels", labels, { ...base }, (name, label) => {
    if (typeof label !== "string") throw new FieldError("", "expected a text");
    meter.size += name.length + label.length + 6;
    return label;
  });
}

/**
 * Copies measures.
 * @throws FieldError for what cannot be plotted
 */
export function copyMeasures(measures: unknown, meter: Meter): Readonly<Record<string, Measure>> {
  if (measures === undefined) return NO_MEASURES;
  return copyEach("measures", measures, {} as Record<string, Measure>, (name, measure) => {
    meter.size += name.length + 30;
    return copyMeasure(measure, meter);
  });
}

function copyEach<Value>(
  field: string,
  fields: unknown,
  copy: Record<string, Value>,
  copyOne: (name: string, value: unknown) => Value,
): Record<string, Value> {
  if (fields === null || typeof fields !== "object" || Array.isArray(fields))
    throw new FieldError(field, "expected an object");
  let name = "";
  try {
    for (name in fields) {
      if (!Object.hasOwn(fields, name)) continue;
      if (name === "__proto__") throw new FieldError("", "this name is not allowed");
      const value = (fields as Record<string, unknown>)[name];
      if (value !== undefined) copy[name] = copyOne(name, value);
    }
  } catch (error) {
    throw FieldError.within(`${field}.${name}`, error);
  }
  return copy;
}

function copyMeasure(measure: unknown, meter: Meter): Measure {
  if (measure === null || typeof measure !== "object") throw new FieldError("", "expected { value, unit }");
  const { value, unit, warn, crit, min, max } = measure as { [Key in keyof Measure]?: unknown };
  if (typeof unit !== "string") throw new FieldError(".unit", "expected a text");
  meter.size += unit.length;
  const copy: MutableMeasure = { value: finite(value, ".value"), unit };
  if (warn !== undefined) copy.warn = bound(warn, ".warn", meter);
  if (crit !== undefined) copy.crit = bound(crit, ".crit", meter);
  if (min !== undefined) copy.min = finite(min, ".min");
  if (max !== undefined) copy.max = finite(max, ".max");
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
