import { delimiter, dirname } from "node:path";

/**
 * What promises do not inherit: how lifeguard's own Node was started is none of their business, and a promise written for Node would be
 * changed by it. Everything else of lifeguard's environment is theirs, LIFEGUARD_… included, so that `lifeguard status` in a promise
 * asks the lifeguard that runs it.
 */
const INTERNAL =
  /^(?:NODE_COMPILE_CACHE|NODE_CHANNEL_.*|NODE_UNIQUE_ID|LIFEGUARD_PROMISES_SPAWN|npm_.*|VITEST.*)$/;

/**
 * The environment of promises: what lifeguard has itself, without its internals, and what monitors.yaml adds. At the end of PATH stands
 * lifeguard's own Node, for promises in JavaScript on a machine that has no other.
 */
export function promiseEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && !INTERNAL.test(name)) environment[name] = value;
  environment.PATH = [environment.PATH ?? "/usr/local/bin:/usr/bin:/bin", dirname(process.execPath)].join(
    delimiter,
  );
  return { ...environment, ...added };
}
