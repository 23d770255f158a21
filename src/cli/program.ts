import { styleText } from "node:util";
import { Argument, Command, type CommanderError } from "commander";
import { fail } from "./fail.ts";
import { configOption, dataOption, forgetEmptyVariables, option, roleOption } from "./options.ts";
import { passOptionsOn } from "./pass-options-on.ts";
import { versionLine } from "./version.ts";

/** Nagios reads 3 as unknown, which is what a usage error of its commands must be. */
const NAGIOS_USAGE = 3;

/** Runs the command line and sets the exit code of the process. Only the chosen command's code is loaded. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`lifeguard schema | head`) is no failure. What else goes wrong there is for whoever listens to it, as the
  // console sink does; to throw here would tell it a second time.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && process.stdout.listenerCount("error") === 1) throw error;
  });
  // Whoever read the log has gone: that is no reason to stop watching, and there is nowhere left to say so. Unheard, the error would be logged,
  // which fails again, without an end.
  process.stderr.on("error", () => {});
  const program = buildProgram();
  forgetEmptyVariables(program, process.env);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = fail(error);
  }
}

/** The whole command line: names, options and help, and for each command where its code lies. */
export function buildProgram(): Command {
  const program = new Command("lifeguard")
    .description("Watches everything a platform team runs, and tells whoever should know.")
    .version(versionLine(), "-V, --version", "print the version")
    .helpCommand(false)
    // An option behind a subcommand is that one's, also where the command above has one of the same name.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({
      styleTitle: (text) => styleText("bold", text, { validateStream: false }),
      styleCommandText: (text) => styleText("cyan", text, { validateStream: false }),
      styleSubcommandText: (text) => styleText("cyan", text, { validateStream: false }),
      styleOptionText: (text) => styleText("green", text, { validateStream: false }),
      styleArgumentText: (text) => styleText("yellow", text, { validateStream: false }),
    })
    .addHelpText(
      "after",
      "\nEvery option can come from the environment, by the variable that its help names.",
    );

  program
    .command("run")
    .summary("watch, until stopped")
    .description("Starts sources and sinks as the configuration says, and runs until it is stopped.")
    .addOption(roleOption())
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(option("--dry-run", "LIFEGUARD_DRY_RUN", "print what would run, and start nothing"))
    .addOption(logLevelOption())
    .action(lazily(() => import("./run.ts").then(({ run }) => run)));

  program
    .command("validate")
    .summary("check a configuration")
    .description(
      "Checks a configuration and prints every mistake with file, line and column. Exits with 0 or 78.",
    )
    .argument("[file]", "the configuration")
    .addOption(configOption())
    .addOption(roleOption())
    .addOption(
      option("-f, --format <format>", "LIFEGUARD_FORMAT", "how to print mistakes")
        .choices(["pretty", "json"])
        .default("pretty"),
    )
    .action(lazily(() => import("./config-commands.ts").then(({ validateCommand }) => validateCommand)));

  program
    .command("check")
    .summary("run one monitor once")
    .description(
      "Runs one monitor once, in the lifeguard that runs on the data directory, else alone, and prints its verdict. Exits as Nagios plugins do: 0 ok, 1 warning, 2 critical, 3 unknown.",
    )
    .argument("<subject>", "what to look at, such as promise/disk-space")
    .addOption(
      option("-s, --source <name>", "LIFEGUARD_SOURCE", "the source that watches it, where several do"),
    )
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(roleOption())
    .addOption(outputOption("text"))
    .addOption(logLevelOption())
    .exitOverride(exitAsUnknown)
    .action(nagios(() => import("./check.ts").then(({ check }) => check)));

  program
    .command("status")
    .summary("show what is true now, worst first")
    .description(
      "Shows what the running lifeguard sees, worst first. Exits as Nagios plugins do, with the worst verdict: 0 ok, 1 warning, 2 critical, 3 unknown. Without a glob, parts of lifeguard itself count, too. Exits with 3 where no lifeguard runs.",
    )
    .argument("[glob]", "only these subjects")
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .exitOverride(exitAsUnknown)
    .action(nagios(() => import("./status.ts").then(({ status }) => status)));

  program
    .command("history")
    .summary("show what happened to a subject")
    .description(
      "Shows uptime, a sign for the worst of each day in UTC (. ok, w warning, ? unknown, C critical, - not watched) and the changes of a subject, newest first, from the history that a sink such as database keeps. Exits with 0, or 1 where nothing is known.",
    )
    .argument("<subject>", "such as promise/disk-space")
    .addOption(
      option(
        "--since <time>",
        "LIFEGUARD_SINCE",
        "how far back: 12h, 7d, 2026-01-31, or a time in RFC 3339",
      ).default("7d"),
    )
    .addOption(
      option("-s, --source <name>", "LIFEGUARD_SOURCE", "the source that watches it, where several do"),
    )
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .action(lazily(() => import("./history.ts").then(({ history }) => history)));

  const silence = program
    .command("silence")
    .summary("let nobody be told about some subjects for a while")
    .description(
      "Lets nobody be told about the subjects that match, for a while; they are watched all the same. Without a glob and a label it lists what is silenced.",
    )
    .helpCommand(false)
    .argument("[globs...]", "subjects, such as promise/disk-space or 'vim/edge-*'")
    .addOption(
      option(
        "-l, --label <name=glob>",
        "LIFEGUARD_LABEL",
        "only what has this label; may be given more than once",
      )
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "all"),
    )
    .addOption(option("--for <duration>", "LIFEGUARD_FOR", "how long, such as 2h; at most 90d"))
    .addOption(option("--why <text>", "LIFEGUARD_WHY", "what people read about it").default(""))
    .addOption(byOption())
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .hook("preSubcommand", passOptionsOn)
    .action(lazily(() => import("./silence.ts").then((commands) => commands.silence)));
  silence
    .command("list")
    .description("Lists what is silenced, maintenance windows included.")
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .action(lazily(() => import("./silence.ts").then(({ listSilences }) => listSilences)));
  silence
    .command("end")
    .description("Ends a silence before its time.")
    .argument("<id>", "from the list")
    .addOption(byOption())
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .action(lazily(() => import("./silence.ts").then(({ endSilence }) => endSilence)));

  program
    .command("tap")
    .summary("show events as they pass")
    .description("Shows events as they pass: lines on a terminal, CloudEvents as NDJSON where piped.")
    .argument("[glob]", "only events whose subject, type or source matches")
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption(undefined))
    .action(lazily(() => import("./tap.ts").then(({ tap }) => tap)));

  program
    .command("reload")
    .summary("take over a changed configuration now")
    .description(
      "Lets the running lifeguard read its configuration again. Exits with 0, with 78 and every mistake if it is refused, or with 1 where no lifeguard runs.",
    )
    .addOption(configOption())
    .addOption(dataOption())
    .action(lazily(() => import("./reload.ts").then(({ reload }) => reload)));

  const letters = program
    .command("dead-letters")
    .summary("list, replay or drop refused events")
    .description("Events that a sink refused for good.")
    .helpCommand(false);
  letters
    .command("list")
    .description("Lists dead letters, oldest first.")
    .argument("[sink]", "only those of this sink")
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(outputOption("text"))
    .action(lazily(() => import("./dead-letters.ts").then(({ listDeadLetters }) => listDeadLetters)));
  letters
    .command("replay")
    .description("Hands dead letters to their sink again; those it takes are deleted.")
    .argument("<sink>")
    .argument("[ids...]", "numbers from the list (without them: all)")
    .addOption(configOption())
    .addOption(dataOption())
    .action(lazily(() => import("./dead-letters.ts").then(({ replayDeadLetters }) => replayDeadLetters)));
  letters
    .command("drop")
    .description("Deletes dead letters for good.")
    .argument("<sink>")
    .addArgument(new Argument("[ids...]", "numbers from the list"))
    .addOption(option("-a, --all", "LIFEGUARD_ALL", "all of them"))
    .addOption(configOption())
    .addOption(dataOption())
    .action(lazily(() => import("./dead-letters.ts").then(({ dropDeadLetters }) => dropDeadLetters)));

  program
    .command("notify")
    .summary("try the way to whoever should know")
    .description("What a sink that tells people can do on demand.")
    .helpCommand(false)
    .command("test")
    .description(
      "Lets a sink of the running lifeguard send a message that says it is a test, and prints what came of it. Exits with 0 or 1.",
    )
    .argument("<sink>", "its name in monitors.yaml")
    .addOption(configOption())
    .addOption(dataOption())
    .action(lazily(() => import("./notify-test.ts").then(({ notifyTest }) => notifyTest)));

  program
    .command("plugins")
    .summary("list sources and sinks")
    .description("Lists the built-in sources and sinks, and those that the configuration names.")
    .addOption(configOption())
    .addOption(outputOption("text"))
    .action(lazily(() => import("./config-commands.ts").then(({ pluginsCommand }) => pluginsCommand)));

  program
    .command("schema")
    .summary("print the JSON Schema for editors")
    .description("Prints the JSON Schema of the configuration, with every plugin that it names.")
    .argument("[file]", "the configuration")
    .addOption(configOption())
    .action(lazily(() => import("./config-commands.ts").then(({ schemaCommand }) => schemaCommand)));

  program
    .command("version")
    .summary("print the version")
    .action(() => {
      process.stdout.write(`${versionLine()}\n`);
    });

  return program;
}

function byOption() {
  return option("--by <name>", "LIFEGUARD_BY", "who asks (without it: your user name)");
}

function logLevelOption() {
  return option("-l, --log-level <level>", "LIFEGUARD_LOG_LEVEL", "how much to log, on standard error")
    .choices(["debug", "info", "warn", "error", "silent"])
    .default("info");
}

/** @param preset absent: lines on a terminal, JSON where piped */
function outputOption(preset: "text" | undefined) {
  const made = option("-o, --output <format>", "LIFEGUARD_OUTPUT", "what to print").choices(["text", "json"]);
  return preset === undefined ? made : made.default(preset);
}

type Action<Args extends unknown[]> = (...args: Args) => Promise<number>;

/** Loads the code of a command when it is called, and makes its result the exit code. */
function lazily<Args extends unknown[]>(load: () => Promise<Action<Args>>): (...args: Args) => Promise<void> {
  return async (...args) => {
    process.exitCode = await (await load())(...args);
  };
}

/** The same for a command whose exit code Nagios reads: what goes wrong is unknown to it, not a warning. */
function nagios<Args extends unknown[]>(load: () => Promise<Action<Args>>): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await (await load())(...args);
    } catch (error) {
      fail(error);
      process.exitCode = NAGIOS_USAGE;
    }
  };
}

function exitAsUnknown({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? 0 : NAGIOS_USAGE);
}
