import type { Event, Json } from "../../plugin/index.ts";

/** What an event weighs apart from its texts: the objects, the keys, its id and time. */
const FIXED = 400;

/** A cheap estimate of what an event takes in memory, in bytes. Never throws. */
export function estimateBytes(event: Event): number {
  let bytes = FIXED + event.message.length + event.subject.length + event.type.length;
  for (const name in event.labels) bytes += name.length + (event.labels[name] as string).length + 16;
  for (const name in event.measures) bytes += name.length + 64;
  return event.data === null ? bytes : bytes + jsonBytes(event.data);
}

function jsonBytes(value: Json): number {
  if (typeof value === "string") return value.length + 16;
  if (value === null || typeof value !== "object") return 8;
  let bytes = 16;
  if (Array.isArray(value)) for (const item of value) bytes += jsonBytes(item);
  else {
    const record = value as { readonly [key: string]: Json };
    for (const key in record) bytes += key.length + 8 + jsonBytes(record[key] as Json);
  }
  return bytes;
}
