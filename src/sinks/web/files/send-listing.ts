import type { FastifyReply, FastifyRequest } from "fastify";
import { searchOf } from "../find-service.ts";
import { type Html, type HtmlValue, html } from "../page/html.ts";
import { simplePage } from "../page/simple.ts";
import { Representation } from "../representation.ts";
import type { Entry, Listing } from "./listing.ts";

/** A name that leads somewhere, relative to the page; with what is known about the file there. */
export type ListedEntry = Pick<Entry, "name" | "folder"> & Partial<Entry>;

/**
 * Answers with the page of a folder.
 * @param segments decoded path of the folder below its root; the address ends with a slash
 */
export function sendListing(
  request: FastifyRequest,
  reply: FastifyReply,
  segments: readonly string[],
  { entries, more }: { readonly entries: readonly ListedEntry[]; readonly more: Listing["more"] },
): Promise<FastifyReply> {
  const path = segments.filter((segment) => segment !== "").join("/");
  const search = searchOf(request);
  const body = html`${path.includes("/") && html`<p><a href="../${search}">Up</a></p>`}
${entries.length === 0 ? html`<p>There is nothing here.</p>` : table(entries, search)}
${more && html`<p>There is more here than is shown.</p>`}`;
  const page = simplePage(request, `Files: ${path}`, body);
  return new Representation("text/html; charset=utf-8", page).send(request, reply);
}

function table(entries: readonly ListedEntry[], search: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Files"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Bytes</th><th scope="col">Changed</th></tr></thead>
<tbody>${entries.map(
    ({ name, folder, size, mtimeMs }) =>
      // A leading ./ keeps a name with a colon from being read as a scheme.
      html`<tr><th scope="row"><a href="./${encodeURIComponent(name)}${folder && "/"}${search}">${name}${folder && "/"}</a></th><td>${!folder && size}</td><td>${changed(mtimeMs)}</td></tr>
`,
  )}</tbody></table></div>`;
}

function changed(mtimeMs: number | undefined): HtmlValue {
  return mtimeMs === undefined ? null : new Date(mtimeMs).toISOString().slice(0, 19).replace("T", " ");
}
