import type { SubjectState } from "../../../plugin/index.ts";
import type { ServiceUrls } from "../service-urls.ts";
import type { Scope, Site } from "../site.ts";
import { type HtmlValue, html } from "./html.ts";
import { titleOf } from "./words.ts";

/**
 * The button that runs a service's check out of turn; nothing for a service that does not offer it, or for who may not.
 * @param back where the answer leads: to the overview or to the service's page
 */
export function runForm(
  state: SubjectState,
  urls: ServiceUrls,
  { base, site }: Scope,
  back: "overview" | "service",
): HtmlValue {
  if (!offersRun(state, site)) return null;
  const { service, ...exact } = urls.fields;
  const hidden = { ...exact, ...(back === "service" && { back }) };
  return html`<form class="run" method="post" action="${base}/run">${Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button name="service" value="${service}" aria-label="Run now: ${titleOf(state)}">Run now</button></form>`;
}

/** Whether a service's check can be run out of turn by whoever asks. */
export function offersRun({ description, subject }: SubjectState, site: Site): boolean {
  return description.commands?.includes("run") === true && site.may("command", subject);
}
