import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { layout } from "./layout.ts";

/** A page that says one thing and never changes: an error, a choice. */
export function simplePage(heading: string, body: Html): string {
  return layout({
    title: heading,
    base: "",
    home: { href: "/", title: "lifeguard" },
    main: html`<h1>${heading}</h1>${body}`,
  }).toString();
}
