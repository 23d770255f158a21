import { Command, Option } from "commander";
import { describe, expect, test } from "vitest";
import { passOptionsOn } from "../../../src/cli/pass-options-on.ts";
import { buildProgram } from "../../../src/cli/program.ts";

const VARIABLE = "LIFEGUARD_TEST_OUTPUT";

/** What the subcommand is given for a command line, or the usage error. */
async function given(words: readonly string[]): Promise<unknown> {
  let options: unknown;
  let complaint = "";
  const output = () =>
    new Option("-o, --output <format>").env(VARIABLE).choices(["text", "json"]).default("text");
  const program = new Command("program")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        complaint += text;
      },
    });
  const above = program
    .command("above")
    .addOption(output())
    .option("--for <time>")
    .hook("preSubcommand", passOptionsOn)
    .action(() => {});
  above
    .command("below")
    .addOption(output())
    .action((own) => {
      options = own;
    });
  return program.parseAsync(words, { from: "user" }).then(
    () => options,
    () => complaint.trim(),
  );
}

describe("an option that stands before the subcommand", () => {
  test("is the subcommand's", async () => {
    expect(await given(["above", "-o", "json", "below"])).toEqual({ output: "json" });
    expect(await given(["above", "below", "-o", "json"])).toEqual({ output: "json" });
    expect(await given(["above", "below"])).toEqual({ output: "text" });
  });

  test("gives way to the same option behind it, and wins over the variable", async () => {
    expect(await given(["above", "-o", "json", "below", "-o", "text"])).toEqual({ output: "text" });
    process.env[VARIABLE] = "json";
    try {
      expect(await given(["above", "-o", "text", "below"])).toEqual({ output: "text" });
      expect(await given(["above", "below"])).toEqual({ output: "json" });
    } finally {
      delete process.env[VARIABLE];
    }
  });

  test("is a mistake where the subcommand has none of that name", async () => {
    expect(await given(["above", "--for", "2h", "below"])).toBe(
      "error: '--for' is no option of 'above below'",
    );
  });
});

test("an option that its command does not know is a mistake wherever it stands, and never passed over", async () => {
  for (const words of [
    ["silence", "--for", "2h", "list"],
    ["dead-letters", "-o", "json", "list"],
    ["notify", "--data", "x", "test", "mail"],
    ["--data", "x", "status"],
  ]) {
    const complaints: string[] = [];
    const program = buildProgram();
    for (const command of [
      program,
      ...program.commands,
      ...program.commands.flatMap(({ commands }) => commands),
    ])
      command.exitOverride().configureOutput({ writeErr: (text) => void complaints.push(text) });
    await expect(program.parseAsync(words, { from: "user" })).rejects.toThrow();
    expect(complaints.join(""), words.join(" ")).toMatch(/^error: (?:'--for' is no|unknown) option/);
  }
});
