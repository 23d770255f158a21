import { type Command, Option } from "commander";

/** What every command that looks at a configuration may be told. */
export interface PlaceOptions {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
}

/** An option with its environment variable. */
export function option(flags: string, variable: string, description: string): Option {
  return new Option(flags, description).env(variable);
}

/** `--config`. */
export function configOption(): Option {
  return option(
    "-c, --config <file>",
    "LIFEGUARD_CONFIG",
    "configuration (without it: ./monitors.yaml, else the one that came with lifeguard)",
  );
}

/** `--data`. */
export function dataOption(): Option {
  return option(
    "-d, --data <directory>",
    "LIFEGUARD_DATA",
    "data directory; wins over data: in the configuration",
  );
}

/** `--role`. */
export function roleOption(): Option {
  return option(
    "-r, --role <role>",
    "LIFEGUARD_ROLE",
    "which sources and sinks run (without it: standalone, all that are enabled)",
  );
}

/**
 * Takes back variables that mean “not set”: an empty one, as a compose file gives where nothing was chosen, and a switch that says no.
 * Commander would take an empty text for a value, and any value of a switch for a yes.
 */
export function forgetEmptyVariables(command: Command, env: Record<string, string | undefined>): void {
  for (const { envVar, required, optional } of command.options) {
    const value = envVar === undefined ? undefined : env[envVar];
    if (envVar === undefined || value === undefined) continue;
    const isSwitch = !required && !optional;
    if (value === "" || (isSwitch && /^(?:0|false|no|off)$/i.test(value))) delete env[envVar];
  }
  for (const child of command.commands) forgetEmptyVariables(child, env);
}
