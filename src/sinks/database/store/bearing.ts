import { isHousekeeping } from "../../../plugin/index.ts";

/**
 * What an event says of its subject: a `verdict`; that it is `gone`, retired or not watched any more; that nobody looks at it for now
 * (`lost`); or `nothing` of the kind.
 */
export type Bearing = "verdict" | "gone" | "lost" | "nothing";

/** The bearing of events of a type. */
export function bearingOf(type: string): Bearing {
  if (!isHousekeeping(type)) return "verdict";
  if (type === "subject.retired" || type.endsWith(".unregistered")) return "gone";
  return type.endsWith(".monitor_deleted") ? "lost" : "nothing";
}
