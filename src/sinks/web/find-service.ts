import type { SubjectState } from "../../plugin/index.ts";
import type { Choice } from "./choices.ts";
import { type ServiceUrls, serviceUrls } from "./service-urls.ts";
import type { Scope } from "./site.ts";

/** What an id names on a root: nothing, one service, or several to choose from. */
export type Found =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly state: SubjectState }
  | { readonly kind: "several"; readonly states: readonly SubjectState[] };

/**
 * Finds the service of an id. Source and origin, where they are given, tell apart what shares it.
 * @param parameters of the query or the form
 */
export function findService(scope: Scope, id: string, parameters: URLSearchParams): Found {
  const source = parameters.get("source");
  const origin = parameters.get("origin");
  const states = scope
    .find(id)
    .filter(
      (state) => (source ?? state.source) === state.source && (origin ?? state.origin) === state.origin,
    );
  const [state] = states;
  if (state === undefined) return { kind: "none" };
  return states.length === 1 ? { kind: "one", state } : { kind: "several", states };
}

/** The links to each of several services. */
export function choicesOf(
  scope: Scope,
  states: readonly SubjectState[],
  href: (urls: ServiceUrls) => string,
): readonly Choice[] {
  return states.map((state) => ({
    href: href(serviceUrls(scope, state)),
    title: `${state.subject} of ${state.instance}`,
  }));
}

/** The parameters of a request's query. */
export function queryOf(request: Addressed): URLSearchParams {
  return new URLSearchParams(searchOf(request));
}

/** A request's query as it is written, with its question mark; empty without one. It may tell apart services with the same id. */
export function searchOf({ raw: { url = "" } }: Addressed): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at);
}

type Addressed = { readonly raw: { readonly url?: string | undefined } };
