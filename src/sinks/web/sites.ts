import {
  type Authorize,
  type Description,
  type Link,
  OPERATIONS,
  type Operation,
  type Principal,
  type SinkContext,
  type SubjectState,
  serviceId,
} from "../../plugin/index.ts";
import type { Scope, Site } from "./site.ts";

/** Views kept of one version of the board: more than there are people who look at once. */
const MAX_VIEWS = 200;

/** Makes the site as each principal may see it, and keeps it as long as the board stays as it is. */
export class Sites {
  readonly #ctx: Pick<SinkContext, "board" | "title" | "authorize">;
  readonly #prefix: string;
  readonly #related: readonly Link[];
  #version = -1;
  readonly #views = new Map<string, Site>();
  readonly #byAudience = new Map<string, Site>();

  /**
   * @param prefix of every URL, without a final slash
   * @param related monitors of the bare root beside those that instances name, for who may read
   */
  constructor(
    ctx: Pick<SinkContext, "board" | "title" | "authorize">,
    prefix: string,
    related: readonly Link[],
  ) {
    this.#ctx = ctx;
    this.#related = related;
    this.#prefix = prefix;
  }

  /** The site with those services and instances that the principal may do the operation on. */
  of(principal: Principal, operation: Operation): Site {
    const { board } = this.#ctx;
    if (this.#version !== board.version || this.#views.size >= MAX_VIEWS) {
      this.#version = board.version;
      this.#views.clear();
      this.#byAudience.clear();
    }
    const key = `${operation} ${nameOf(principal)}`;
    let view = this.#views.get(key);
    if (!view) {
      view = this.#view(principal, operation);
      this.#views.set(key, view);
    }
    return view;
  }

  #view(principal: Principal, operation: Operation): Site {
    const { board, title, authorize } = this.#ctx;
    const all = board.subjects();
    const may = (asked: Operation, subject: string | null) => authorize(principal, asked, subject);
    const states = all.filter(({ subject }) => may(operation, subject));
    // An instance's files and links are its own: that one of its subjects may be seen, whoever says so, opens none of them.
    const descriptions = new Map(
      [...board.instances()]
        .filter(([name]) => may(operation, `instance/${name}`))
        .map(([name, { description }]) => [name, description]),
    );
    const whole = states.length === all.length && descriptions.size === board.instances().size;
    const rights = rightsOf(principal, authorize, states);
    // Who sees all of it and may do the same everywhere sees the same bytes, whoever it is.
    const audience = whole && !rights.includes("~") ? rights : `${rights} ${operation} ${nameOf(principal)}`;
    let site = this.#byAudience.get(audience);
    if (!site) {
      const related = may("read", null) ? this.#related : [];
      site = makeSite({ states, descriptions, title, related, prefix: this.#prefix, audience, may });
      this.#byAudience.set(audience, site);
    }
    return site;
  }
}

function nameOf(principal: Principal): string {
  return principal.kind === "user" ? `user ${principal.name}` : principal.kind;
}

/** One character an operation, for subjects and for what belongs to none: all `+`, none `-`, some `~`. */
function rightsOf(principal: Principal, authorize: Authorize, states: readonly SubjectState[]): string {
  return OPERATIONS.map((operation) => {
    const own = authorize(principal, operation, null) ? "+" : "-";
    let allowed = 0;
    for (const { subject } of states) if (authorize(principal, operation, subject)) allowed++;
    return own + (allowed === states.length ? "+" : allowed === 0 ? "-" : "~");
  }).join("");
}

interface SiteParts extends Pick<Site, "prefix" | "audience" | "may"> {
  readonly states: readonly SubjectState[];
  readonly descriptions: ReadonlyMap<string, Description>;
  readonly title: string | undefined;
  readonly related: readonly Link[];
}

function makeSite({ states, descriptions, title, related, prefix, audience, may }: SiteParts): Site {
  const byInstance = new Map<string, SubjectState[]>();
  for (const name of descriptions.keys()) byInstance.set(name, []);
  for (const state of states) {
    const group = byInstance.get(state.instance);
    if (group) group.push(state);
    else byInstance.set(state.instance, [state]);
  }
  const site: Site = {
    prefix,
    audience,
    may,
    root: () => root,
    instances: () => instances,
    scope: (instance) => (instance === undefined ? root : instances.get(instance)),
  };
  const public_ = may("read", null) ? "" : "/public";
  const names = [...byInstance.keys()].sort();
  const instances: ReadonlyMap<string, Scope> = new Map(
    names.map((name) => {
      const description = descriptions.get(name);
      const base = `${prefix}/m/${encodeURIComponent(name)}`;
      return [
        name,
        makeScope({
          instance: name,
          base,
          lists: base + public_,
          title: description?.title ?? name,
          states: byInstance.get(name) ?? [],
          related: relatedMonitors(description),
          descriptions: new Map(description ? [[name, description]] : []),
          site,
        }),
      ] as const;
    }),
  );
  const only = names.length === 1 ? instances.get(names[0] as string) : undefined;
  const root = makeScope({
    instance: undefined,
    base: prefix,
    lists: prefix + public_,
    title: title ?? descriptions.get(only?.instance ?? "")?.title ?? "lifeguard",
    states,
    related: only
      ? // A monitor.conf's list is told as it is written, also where it names one twice.
        [...related.filter(({ href }) => !only.related.some((one) => one.href === href)), ...only.related]
      : distinct([
          ...[...instances.values()].map(instanceLink),
          ...related,
          ...[...instances.values()].flatMap((one) => one.related),
        ]),
    descriptions,
    site,
  });
  return site;
}

function makeScope(parts: Omit<Scope, "find">): Scope {
  let byId: Map<string, SubjectState[]> | undefined;
  return {
    ...parts,
    find(id) {
      byId ??= Map.groupBy(parts.states, ({ subject }) => serviceId(subject));
      return byId.get(id) ?? [];
    },
  };
}

function relatedMonitors(description: Description | undefined): readonly Link[] {
  return description?.links?.filter(({ rel }) => rel === "related_monitor") ?? [];
}

function instanceLink({ lists, title }: Scope): Link {
  return { rel: "related_monitor", href: `${lists}/`, title };
}

/** The first of those with the same href. */
function distinct(links: readonly Link[]): readonly Link[] {
  const byHref = new Map<string, Link>();
  for (const link of links) if (!byHref.has(link.href)) byHref.set(link.href, link);
  return [...byHref.values()];
}
