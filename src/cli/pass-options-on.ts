import type { Command } from "commander";

/**
 * Gives what is said before a subcommand to the subcommand, as if it stood behind: `silence -o json list` is `silence list -o json`. Commander
 * keeps it for the command above, whose action does not run, so that nobody would ever look at it. Ends with a usage error where the
 * subcommand has no such option. To be used as a hook `preSubcommand`.
 */
export function passOptionsOn(command: Command, subcommand: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== "cli") continue;
    if (!subcommand.options.some((own) => own.attributeName() === name))
      subcommand.error(`error: '${option.long}' is no option of '${command.name()} ${subcommand.name()}'`);
    subcommand.setOptionValueWithSource(name, command.getOptionValue(name), "cli");
  }
}
