import { type Html, html } from "./html.ts";

const STEPS: ReadonlyArray<readonly [seconds: number, unit: string]> = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** A length of time in one unit, rounded down: `42 s`, `12 min`, `3 h`, `5 d`. The page's script counts on with the same words. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [size, unit] = STEPS.find(([step]) => seconds >= step) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/**
 * Milliseconds since the epoch: until when the length of time since a moment is written in the same way.
 * @param now milliseconds since the epoch
 */
export function unchangedUntil(time: string, now: number): number {
  const since = Date.parse(time);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const [size] = STEPS.find(([step]) => seconds >= step) ?? [1];
  return since + (Math.floor(seconds / size) + 1) * size * 1000;
}

/** How long ago a moment was. The moment itself is for machines; the page's script tells it on hover. */
export function ago(time: string, now: number): Html {
  return html`<time class="ago" datetime="${time}">${duration(now - Date.parse(time))}</time>`;
}

/** How long ago a moment was, with the moment itself to be read by machines and on hover. */
export function elapsed(time: string, now: number): Html {
  return html`<time class="ago" datetime="${time}" title="${absolute(time)}">${duration(now - Date.parse(time))}</time>`;
}

/** A moment, in UTC: `2026-01-31 09:05:00 UTC`. */
export function absolute(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
