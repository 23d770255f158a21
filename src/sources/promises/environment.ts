/**
 * What promises do not inherit: how lifeguard's own Node was started is none of their business, and a promise written for Node would be
 * changed by it. Everything else of lifeguard's environment is theirs, LIFEGUARD_… included, so that `lifeguard status` in a promise
 * asks the lifeguard that runs it.
 */
const INTERNAL =
  /^(?:NODE_COMPILE_CACHE|NODE_CHANNEL_.*|NODE_UNIQUE_ID|NODE_PENDING_DEPRECATION|LIFEGUARD_PROMISES_SPAWN|npm_.*|VITEST.*)$/;

/** The environment of promises: what lifeguard has itself, without its internals, and what monitors.yaml adds. */
export function promiseEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && !INTERNAL.test(name)) environment[name] = value;
  return { ...environment, ...added };
}
