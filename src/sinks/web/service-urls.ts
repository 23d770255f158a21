import { type Resource, type SubjectState, serviceId } from "../../plugin/index.ts";
import type { Tree } from "./files/resource-file.ts";
import type { Scope } from "./site.ts";

/** Where one service is served. */
export interface ServiceUrls {
  /** Prefix of the root that serves it. */
  readonly root: string;
  readonly status: string;
  readonly history: string;
  /** Its changes as feeds. */
  readonly rss: string;
  readonly atom: string;
  readonly interface: string;
  /** Our own page of it, also where the service brings an interface of its own. */
  readonly page: string;
  /** Form fields that name it. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where it serves a file of its own, by its path below a tree. */
  file(path: string, tree: Tree): string;
}

/**
 * The URLs of a service on a root. Where another service of that root has the same id they lead to its instance's root, and where even
 * that does not tell them apart they name source and origin.
 */
export function serviceUrls(scope: Scope, state: SubjectState): ServiceUrls {
  const id = serviceId(state.subject);
  let home = scope;
  let exact: Readonly<Record<string, string>> = {};
  let suffix = "";
  if (scope.find(id).length > 1) {
    home = scope.site.scope(state.instance) ?? scope;
    if (home.find(id).length > 1) {
      exact = { source: state.source, origin: state.origin };
      suffix = `?${new URLSearchParams(exact)}`;
    }
  }
  const folder = `${home.base}/public/${encodeURIComponent(id)}`;
  const ourPage = customInterface(scope, state) === undefined;
  return {
    root: home.base,
    status: `${folder}.status.json${suffix}`,
    history: `${folder}.history.json${suffix}`,
    rss: `${folder}.rss${suffix}`,
    atom: `${folder}.atom${suffix}`,
    interface: `${folder}/index.html${suffix}`,
    page: ourPage
      ? `${folder}/index.html${suffix}`
      : `${home.base}/default-promise-interface.html?${new URLSearchParams({ service_name: id, ...exact })}`,
    fields: { service: id, ...exact },
    file: (path, tree) =>
      `${home.base}/${tree}/${encodeURIComponent(id)}/${path.split("/").map(encodeURIComponent).join("/")}${suffix}`,
  };
}

/** The names of resources that stand in place of a service's page. */
const INTERFACES = ["index.html", "interface"];

/** The resource that a service brings as its own page, if it brings one that whoever asks may open; a public one goes first. */
export function customInterface(
  { site }: Scope,
  { subject, description }: SubjectState,
): Resource | undefined {
  const own = INTERFACES.flatMap((name) => description.resources?.filter((one) => one.name === name) ?? []);
  return own.find(({ public: open }) => open) ?? (site.may("open", subject) ? own[0] : undefined);
}
