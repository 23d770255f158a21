import { duration, z } from "../../plugin/index.ts";
import { execConfig } from "./targets/exec-config.ts";
import { smtpConfig } from "./targets/smtp-config.ts";
import { webhookConfig } from "./targets/webhook-config.ts";

const TARGETS = ["webhook", "smtp", "exec"] as const;

/** The options of the notify sink. */
export const notifyConfig = z
  .object({
    webhook: webhookConfig.optional(),
    smtp: smtpConfig.optional(),
    exec: execConfig.optional(),
    after: duration({ min: "0ms", max: "7d" })
      .prefault("0s")
      .describe("How long something must be bad before anybody is told; what is over by then is never told."),
    repeat: duration({ min: "1s", max: "30d" })
      .optional()
      .describe("How often to remind while it stays bad. Without it, nobody is reminded.")
      .meta({ examples: ["4h"] }),
    group_wait: duration({ min: "0ms", max: "1h" })
      .prefault("5s")
      .describe("How long a change waits for others, to be told with them in one message."),
    list: z
      .int({ error: "expected a whole number" })
      .min(1, "at least 1")
      .max(40, "at most 40")
      .default(20)
      .describe("How many changes a message lists; the others are summed up."),
    page_url: z
      .string({ error: "expected an address" })
      .refine(isWebAddress, 'expected the address of the page, such as "https://status.example.org"')
      .transform((text) => text.replace(/\/+$/, ""))
      .optional()
      .describe(
        "Address at which people reach the page, for the links in messages. Without it, that which the sink web has as `base_url`.",
      )
      .meta({ examples: ["https://status.example.org"] }),
    keep: duration({ min: "1s", max: "30d" })
      .prefault("1d")
      .describe(
        "How long telling a change may fail once it is over; then it is given up, which is counted and logged. What still stands is never given up.",
      ),
    backoff: z
      .object({
        initial: duration({ max: "1h" }).prefault("1s").describe("The first wait; it doubles."),
        max: duration({ max: "1d" }).prefault("1m").describe("The longest wait."),
      })
      .prefault({})
      .describe(
        "How long to wait after a message could not be told. `retry` and `timeout` beside it are about reading events, which no target delays.",
      ),
  })
  .superRefine((config, ctx) => {
    const named = TARGETS.filter((target) => config[target] !== undefined);
    if (named.length === 0) ctx.addIssue(`whom to tell is missing: write one of ${TARGETS.join(", ")}`);
    for (const extra of named.slice(1))
      ctx.addIssue({
        code: "custom",
        path: [extra],
        message: `a sink tells one target, and this one has ${named[0]} already: make another sink for ${extra}`,
      });
  });

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.search, url.hash, url.username, url.password].every((part) => part === "");
}
