import { type Html, html } from "./html.ts";

/** What a row can be called. A verdict that is no longer trusted is stale, and one that was never given is pending. */
export type Word = "critical" | "warning" | "unknown" | "ok" | "stale" | "pending";

/** What else has a shape: nobody is told of it. */
type Shape = Word | "silenced";

/** The shapes, once a page. Each word has its own, so that nothing depends on seeing colours. */
export const SHAPES: Html = html`<svg class="shapes" aria-hidden="true" width="0" height="0">
<symbol id="critical" viewBox="0 0 16 16"><path fill="currentColor" d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"/><path class="ink" d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4"/></symbol>
<symbol id="warning" viewBox="0 0 16 16"><path fill="currentColor" d="M8 .8 15.8 15H.2z"/><path class="ink" d="M8 6v4m0 2v1"/></symbol>
<symbol id="unknown" viewBox="0 0 16 16"><path fill="currentColor" d="m8 .2 7.8 7.8L8 15.8.2 8z"/><path class="ink" d="M6 6.4c0-2.3 4-2.3 4 0 0 1.4-2 1.4-2 2.7m0 2.2v.2"/></symbol>
<symbol id="stale" viewBox="0 0 16 16"><circle class="line" cx="8" cy="8" r="6.5"/><path class="line" d="M8 4v4l2.8 2"/></symbol>
<symbol id="pending" viewBox="0 0 16 16"><circle class="line" cx="8" cy="8" r="6.5" stroke-dasharray="2.5 2.6"/></symbol>
<symbol id="silenced" viewBox="0 0 16 16"><path class="line" d="M4 12V7a4 4 0 0 1 8 0v5zM2.5 12h11M7 14h2M1.5 1.5l13 13"/></symbol>
<symbol id="ok" viewBox="0 0 16 16"><circle fill="currentColor" cx="8" cy="8" r="7.5"/><path class="ink" d="m4.5 8.3 2.5 2.4 4.5-5"/></symbol>
</svg>`;

/** A word's shape, for beside the word. */
export function shape(word: Shape): Html {
  return html`<svg class="shape" aria-hidden="true"><use href="#${word}"/></svg>`;
}
