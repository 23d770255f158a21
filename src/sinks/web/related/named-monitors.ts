import type { InstanceState } from "../../../plugin/index.ts";
import { addressKey } from "./address.ts";

/** The hrefs of monitors that somebody named as related, by what tells monitors apart. */
export interface NamedMonitors {
  /** By the option `related`, or by an instance of this lifeguard. */
  readonly ours: ReadonlyMap<string, string>;
  /** Only by instances of other lifeguards. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * Collects the monitors that are named as related, each once: what the configuration says goes before what our own instances say, and both
 * before what instances of others say.
 * @param configured hrefs of the option `related`
 * @param origin of this lifeguard
 * @param most how many there may be
 */
export function namedMonitors(
  configured: readonly string[],
  instances: Iterable<InstanceState>,
  origin: string,
  most: number,
): NamedMonitors {
  const ours = new Map<string, string>();
  const others = new Map<string, string>();
  const name = (href: string, by: Map<string, string>) => {
    const key = addressKey(href);
    if (ours.size + others.size < most && !ours.has(key) && !others.has(key)) by.set(key, href);
  };
  for (const href of configured) name(href, ours);
  const all = [...instances];
  for (const one of all) if (one.origin === origin) for (const href of hrefsOf(one)) name(href, ours);
  for (const one of all) if (one.origin !== origin) for (const href of hrefsOf(one)) name(href, others);
  return { ours, others };
}

function hrefsOf({ description: { links } }: InstanceState): readonly string[] {
  return (links ?? []).filter(({ rel }) => rel === "related_monitor").map(({ href }) => href);
}
