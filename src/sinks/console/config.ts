import { z } from "../../plugin/index.ts";

/** The options of the console sink. */
export const consoleConfig = z.object({
  format: z
    .enum(["pretty", "ndjson"])
    .optional()
    .describe(
      "ndjson: one CloudEvent a line. pretty: aligned lines, coloured on a terminal. Absent: pretty on a terminal, ndjson otherwise.",
    ),
});
