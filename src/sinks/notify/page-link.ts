import { type Board, serviceId } from "../../plugin/index.ts";
import type { Change } from "./change.ts";

/** Own health has no service page. */
const OWN_SOURCE = "lifeguard";

/**
 * Where the page of the web sink shows a subject; the root for lifeguard's own parts.
 * @param root the address of the page, without a final slash
 */
export function pageLink(
  root: string,
  { subject, source, origin }: Pick<Change, "subject" | "source" | "origin">,
  board: Pick<Board, "find">,
): string {
  if (source === OWN_SOURCE) return `${root}/`;
  const page = `${root}/public/${encodeURIComponent(serviceId(subject))}/index.html`;
  // Where several watch it, the page asks which is meant, unless the address says so.
  return board.find(subject).length > 1 ? `${page}?${new URLSearchParams({ source, origin })}` : page;
}
