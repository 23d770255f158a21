import {
  type Description,
  type Link,
  type SinkContext,
  type SubjectState,
  serviceId,
} from "../../plugin/index.ts";

/** One root and what it shows: everything, or one instance. A snapshot of one version of the board. */
export interface Scope {
  /** Undefined for the bare root. */
  readonly instance: string | undefined;
  /** Prefix of its URLs: empty, or `/m/<instance>`. */
  readonly base: string;
  readonly title: string;
  /** By source and subject. */
  readonly states: readonly SubjectState[];
  readonly related: readonly Link[];
  /** What instances said about themselves; those of this scope only. */
  readonly descriptions: ReadonlyMap<string, Description>;
  /** The states of the services with that id, by URL-decoded id. More than one needs a choice. */
  find(id: string): readonly SubjectState[];
}

/** The roots that the board's subjects make. */
export class Site {
  readonly #ctx: Pick<SinkContext, "board" | "title">;
  #version = -1;
  #root: Scope | undefined;
  #instances: ReadonlyMap<string, Scope> = new Map();

  constructor(ctx: Pick<SinkContext, "board" | "title">) {
    this.#ctx = ctx;
  }

  /** The bare root, now. */
  root(): Scope {
    this.#refresh();
    return this.#root as Scope;
  }

  /** The instances, by name. */
  instances(): ReadonlyMap<string, Scope> {
    this.#refresh();
    return this.#instances;
  }

  /** The root of that instance, or the bare one; undefined for an instance that does not exist. */
  scope(instance: string | undefined): Scope | undefined {
    return instance === undefined ? this.root() : this.instances().get(instance);
  }

  #refresh(): void {
    const { board, title } = this.#ctx;
    if (this.#root && this.#version === board.version) return;
    this.#version = board.version;
    const states = board.subjects();
    const descriptions = board.instances();
    const byInstance = new Map<string, SubjectState[]>();
    for (const name of descriptions.keys()) byInstance.set(name, []);
    for (const state of states) {
      const group = byInstance.get(state.instance);
      if (group) group.push(state);
      else byInstance.set(state.instance, [state]);
    }
    const names = [...byInstance.keys()].sort();
    this.#instances = new Map(
      names.map((name) => {
        const description = descriptions.get(name);
        return [
          name,
          scope({
            instance: name,
            base: `/m/${encodeURIComponent(name)}`,
            title: description?.title ?? name,
            states: byInstance.get(name) ?? [],
            related: relatedMonitors(description),
            descriptions: new Map(description ? [[name, description]] : []),
          }),
        ] as const;
      }),
    );
    const only = names.length === 1 ? this.#instances.get(names[0] as string) : undefined;
    this.#root = scope({
      instance: undefined,
      base: "",
      title: title ?? only?.descriptions.get(names[0] as string)?.title ?? "lifeguard",
      states,
      related: only
        ? only.related
        : [...this.#instances.values()].map((one) => ({
            rel: "related_monitor",
            href: `${one.base}/`,
            title: one.title,
          })),
      descriptions,
    });
  }
}

function scope(parts: Omit<Scope, "find">): Scope {
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
