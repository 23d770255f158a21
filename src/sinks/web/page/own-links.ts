import type { Scope } from "../site.ts";
import { type HtmlValue, html } from "./html.ts";

/** Items of the footer that depend on who asks: ways in and out, private files, the workings of lifeguard. */
export function ownLinks({ base, site }: Scope): HtmlValue {
  const link = (href: string, text: string) => html`<li><a href="${href}">${text}</a></li>
`;
  return [
    !site.may("read", null) && link(`${base}/`, "Log in"),
    site.may("operate", null) && [
      link(`${site.prefix}/metrics`, "Metrics"),
      link(`${site.prefix}/status`, "Status of lifeguard"),
    ],
    // Only who has logged in may open what is private.
    site.may("open", null) && [
      link(`${base}/private/`, "Private files"),
      link(`${site.prefix}/logout`, "Log out"),
    ],
  ];
}
