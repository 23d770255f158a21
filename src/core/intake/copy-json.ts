import type { Json } from "../../plugin/index.ts";
import { FieldError } from "./draft-error.ts";

/** Adds up what was copied, in characters: a floor of the bytes it takes as JSON. */
export interface Meter {
  size: number;
}

/** Deeper than any honest data, and far from the end of the stack. */
const MAX_DEPTH = 100;

/**
 * Copies a field that must survive JSON, so that nobody can change an event after it was taken. Properties that are undefined are left
 * out, as JSON does.
 * @throws FieldError at the first value that JSON cannot hold
 */
export function copyJson(value: unknown, field: string, meter: Meter): Json {
  try {
    return copyValue(value, meter, 0);
  } catch (error) {
    throw FieldError.within(field, error);
  }
}

function copyValue(value: unknown, meter: Meter, depth: number): Json {
  switch (typeof value) {
    case "string":
      meter.size += value.length + 2;
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new FieldError("", `expected a finite number, found ${value}`);
      meter.size += 4;
      return value + 0; // JSON has no -0
    case "boolean":
      meter.size += 4;
      return value;
    case "object":
      if (value === null) return value;
      if (depth >= MAX_DEPTH)
        throw new FieldError("", `nested deeper than ${MAX_DEPTH} levels, or in itself`);
      return Array.isArray(value) ? copyArray(value, meter, depth) : copyObject(value, meter, depth);
    default:
      throw new FieldError("", `expected JSON, found a value of type ${typeof value}`);
  }
}

function copyArray(value: readonly unknown[], meter: Meter, depth: number): Json {
  const copy: Json[] = [];
  let i = 0;
  try {
    for (; i < value.length; i++) {
      meter.size += 1;
      copy.push(copyValue(value[i], meter, depth + 1));
    }
  } catch (error) {
    throw FieldError.within(`[${i}]`, error);
  }
  return copy;
}

function copyObject(value: object, meter: Meter, depth: number): Json {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new FieldError(
      "",
      `expected JSON, found an instance of ${prototype.constructor?.name ?? "a class"}`,
    );
  const copy: { [key: string]: Json } = {};
  let key = "";
  try {
    for (key in value) {
      if (!Object.hasOwn(value, key)) continue;
      const item: unknown = (value as Record<string, unknown>)[key];
      if (item === undefined) continue;
      meter.size += key.length + 4;
      const copied = copyValue(item, meter, depth + 1);
      if (key === "__proto__") Object.defineProperty(copy, key, { value: copied, enumerable: true });
      else copy[key] = copied;
    }
  } catch (error) {
    throw FieldError.within(`.${key}`, error);
  }
  return copy;
}
