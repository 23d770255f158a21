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
export function queryOf(request: { readonly raw: { readonly url?: string | undefined } }): URLSearchParams {
  const url = request.raw.url ?? "";
  const at = url.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
}
