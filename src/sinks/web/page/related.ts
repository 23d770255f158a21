import type { Scope } from "../site.ts";
import { type HtmlValue, html } from "./html.ts";
import { externalHref } from "./link.ts";

/** Other monitors that this one was told about. */
export function relatedMonitors({ related, site }: Scope): HtmlValue {
  const others = related.filter(({ href }) => !href.startsWith(`${site.prefix}/m/`));
  if (others.length === 0) return null;
  return html`<section class="elsewhere" aria-labelledby="related"><h2 id="related">Related monitors</h2>
<ul>${others.map(({ href, title }) => {
    const safe = externalHref(href);
    return safe === undefined
      ? html`<li>${title ?? href}</li>`
      : html`<li><a href="${safe}" rel="noreferrer">${title ?? href}</a></li>`;
  })}</ul></section>`;
}
