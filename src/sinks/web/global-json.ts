import type { Json } from "../../plugin/index.ts";
import type { Scope } from "./site.ts";

/**
 * A root's public `monitor.global.json` in the shape of SlapOS's monitor: whether all is well, and where to read more. Anything but ok is
 * an error, as everywhere there.
 * @param whole title of the whole that the root is a part of; undefined for the whole itself
 * @param now milliseconds since the epoch
 */
export function globalDocument(scope: Scope, whole: string | undefined, now: number): Json {
  const { states, title, lists, related } = scope;
  return {
    status: states.every(({ status }) => status === "ok") ? "OK" : "ERROR",
    date: new Date(now).toISOString(),
    title,
    ...(whole !== undefined && { specialise_title: whole }),
    _links: {
      monitor: { href: `${lists}/monitor.haljson` },
      ...(related.length > 0 && { related_monitor: related.map(({ href }) => ({ href })) }),
    },
  };
}
