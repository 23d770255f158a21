import { duration, path, z } from "../../../plugin/index.ts";

/** The options of an executable that tells. */
export const execConfig = z
  .object({
    command: z
      .string({ error: "expected the path of an executable" })
      .min(1, "the command is empty")
      .transform((text) => (text.includes("/") ? path().parse(text) : text))
      .describe("A path, or a name to be found in PATH.")
      .meta({ examples: ["./tell.sh"] }),
    args: z
      .array(z.string({ error: "expected a text" }))
      .default([])
      .describe("Its arguments, as they are: there is no shell."),
    timeout: duration({ min: "100ms", max: "1h" })
      .prefault("30s")
      .describe("How long it may take; then its whole process group is ended."),
  })
  .describe(
    "An executable: the message comes as JSON on its standard input and in variables LIFEGUARD_NOTIFY_…. Exit code 0 means told.",
  );
