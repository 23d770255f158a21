import { createHash } from "node:crypto";
import type { Json } from "../../../plugin/index.ts";
import type { Item, Telling } from "../telling.ts";
import { cut } from "../text.ts";
import type { Preset } from "./preset.ts";

/** Limits of the Events API v2 (https://developer.pagerduty.com/docs/send-alert-event). */
const MOST_SUMMARY = 1024;
const MOST_KEY = 255;

const SEVERITY = { critical: "critical", warning: "warning", unknown: "info", ok: "info" } as const;

/**
 * PagerDuty's Events API v2: an alert for each episode, whose id is its `dedup_key`, so that a repetition opens no second one and the
 * recovery resolves it, as does the end of watching. A test is opened and resolved at once.
 * @param routingKey the integration's key
 */
export function pagerduty(routingKey: string): Preset {
  return {
    most: 1,
    closes: true,
    bodies({ items, sender }: Telling): readonly Json[] {
      return items.flatMap((item) => {
        const common = { routing_key: routingKey, dedup_key: keyOf(item.episode) };
        const resolve = { ...common, event_action: "resolve" };
        if (item.kind === "recovered" || item.kind === "retired") return [resolve];
        const trigger = { ...common, event_action: "trigger", client: sender, ...details(item) };
        return item.kind === "test" ? [trigger, resolve] : [trigger];
      });
    },
  };
}

function details(item: Item): { readonly [key: string]: Json } {
  const { word, title, message, subject, source, origin, status, state, labels, since, when, url } = item;
  return {
    payload: {
      summary: cut(`${word} ${title}: ${message}`, MOST_SUMMARY),
      source: subject,
      severity: SEVERITY[status],
      timestamp: since,
      component: source,
      class: state,
      custom_details: { message, when, labels, origin },
    },
    ...(url !== null && { client_url: url, links: [{ href: url, text: title }] }),
  };
}

function keyOf(episode: string): string {
  return episode.length <= MOST_KEY ? episode : createHash("sha256").update(episode).digest("hex");
}
