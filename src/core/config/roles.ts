import type { MapTree } from "./config-tree.ts";
import type { CoreSettings } from "./core-schema.ts";
import type { Problems } from "./problems.ts";
import type { Span } from "./source-text.ts";
import { didYouMean } from "./suggest.ts";

/** What a role chooses by: the instance's name and its plugin. */
interface Choice {
  readonly name: string;
  readonly type: string;
}

/** A choice of sources and sinks. */
export interface Role {
  source(instance: Choice): boolean;
  sink(instance: Choice): boolean;
  /** Whether nothing is kept on disk. */
  readonly memory: boolean;
}

/** Plugins that bring in, or send out, what other lifeguards saw. */
export const TRANSPORTS: readonly string[] = ["relay", "kafka"];

const isTransport = ({ type }: Choice) => TRANSPORTS.includes(type);
const all = () => true;

/** The roles that every lifeguard has, unless monitors.yaml has one of the same name. */
const BUILT_IN: Readonly<Record<string, Role>> = {
  standalone: { source: all, sink: all, memory: false },
  collector: { source: all, sink: isTransport, memory: false },
  server: { source: isTransport, sink: (sink) => !isTransport(sink), memory: false },
  sidecar: { source: ({ type }) => type === "nsm", sink: all, memory: true },
};

/** The role that runs when none is asked for. */
export const DEFAULT_ROLE = "standalone";

/**
 * Finds a role by its name.
 * @param at what a problem with the name points at
 * @returns undefined when there is none, which was reported then
 */
export function findRole(
  name: string,
  roles: CoreSettings["roles"],
  at: Span,
  problems: Problems,
): Role | undefined {
  const own = Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (own) {
    const { sources, sinks } = own;
    return {
      source: (source) => sources?.includes(source.name) ?? true,
      sink: (sink) => sinks?.includes(sink.name) ?? true,
      memory: false,
    };
  }
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name];
  const known = [...new Set([...Object.keys(BUILT_IN), ...Object.keys(roles)])];
  problems.add("CFG019", at, `unknown role "${name}": there are ${known.join(", ")}`, {
    suggestion: didYouMean(name, known),
  });
  return undefined;
}

/** Reports sources and sinks that roles name and the file does not have. */
export function checkRoles(
  roles: MapTree,
  declared: { readonly sources: ReadonlySet<string>; readonly sinks: ReadonlySet<string> },
  problems: Problems,
): void {
  for (const [role, { value }] of roles.entries) {
    if (value.kind !== "map") continue;
    for (const section of ["sources", "sinks"] as const) {
      const list = value.entries.get(section)?.value;
      for (const item of list?.kind === "list" ? list.items : list ? [list] : []) {
        if (item.kind !== "scalar" || typeof item.value !== "string" || declared[section].has(item.value))
          continue;
        const one = section.slice(0, -1);
        const message = item.reference ? `unknown ${one}` : `unknown ${one} "${item.value}"`;
        problems.add("CFG020", item.span, `${message} in roles.${role}.${section}`, {
          suggestion: item.reference ? undefined : didYouMean(item.value, declared[section]),
          usedAt: item.usedAt,
        });
      }
    }
  }
}
