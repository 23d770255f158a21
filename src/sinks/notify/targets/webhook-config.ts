import { duration, type Json, path, secret, z } from "../../../plugin/index.ts";
import { isPublicUrl } from "../public-url.ts";
import { TEMPLATE_NAMES, templateProblems } from "../template.ts";

const PRESETS = ["slack", "teams", "mattermost", "pagerduty", "ntfy"] as const;
const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue";
/** RFC 9110, 5.6.2 and 5.5: a name is a token, a value has no control characters. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
/** Names of headers whose values are secrets. */
const SECRET_NAME = /auth|cookie|token|secret|password|api-?key/i;
/** What the client itself says about the connection and the body. */
const OWN_HEADER = /^(?:host|content-length|transfer-encoding|connection|expect|upgrade|te|trailer)$/i;

function headers<Value extends z.ZodType<string, string>>(
  value: Value,
  problem: (name: string) => string | undefined,
) {
  return z
    .record(z.string(), value)
    .default({})
    .superRefine((all, ctx) => {
      for (const [name, text] of Object.entries(all)) {
        const message = !HEADER_NAME.test(name)
          ? "this is no name of a header"
          : OWN_HEADER.test(name)
            ? "this header is set by lifeguard itself"
            : !HEADER_VALUE.test(text)
              ? "a header's value is one line of ASCII"
              : problem(name);
        if (message !== undefined) ctx.addIssue({ code: "custom", path: [name], message });
      }
    });
}

/** The options of a webhook. */
export const webhookConfig = z
  .object({
    preset: z
      .enum(PRESETS)
      .optional()
      .describe(
        "What a product wants to be told: the body is made for it. Without it, body, or everything as JSON.",
      ),
    url: secret({ harmless: isPublicUrl })
      .transform((text, ctx) => {
        const url = URL.parse(text);
        if (url === null || !/^https?:$/.test(url.protocol))
          ctx.addIssue('expected an address, such as "https://example.org/hook"');
        else if (url.username !== "" || url.password !== "")
          ctx.addIssue("a login does not belong into the address: write it as secret_headers, Authorization");
        else return url;
        return z.NEVER;
      })
      .optional()
      .describe(
        "Where to. By reference where it has a query or a long part in its path, as these are mostly keys. For ntfy the server; for pagerduty not needed.",
      )
      .meta({ examples: ["https://example.org/hook", "${env:SLACK_URL}"] }),
    method: z.enum(["POST", "PUT", "PATCH"]).default("POST").describe("The HTTP method."),
    headers: headers(z.string(), (name) =>
      SECRET_NAME.test(name)
        ? "this header holds a secret: write it in secret_headers, by reference"
        : undefined,
    ).describe("Further headers, in plain text."),
    secret_headers: headers(secret(), () => undefined)
      .describe("Further headers, by reference.")
      .meta({ examples: [{ Authorization: "${env:HOOK_AUTHORIZATION}" }] }),
    body: z
      .union([z.record(z.string(), z.unknown()), z.array(z.unknown())], {
        error: "expected an object or a list",
      })
      .transform((body) => body as Json)
      .superRefine((body, ctx) => {
        for (const { path: at, problem } of templateProblems(body))
          ctx.addIssue({ code: "custom", path: at, message: problem });
      })
      .optional()
      .describe(
        `The JSON to send. {{name}} in its texts is replaced: ${TEMPLATE_NAMES.join(", ")}, labels.<name>. A text that is one {{name}} alone becomes the value with its type. Sent for each change where it names what only one has, and neither text nor items.`,
      )
      .meta({ examples: [{ text: "{{title}}", since: "{{since}}", link: "{{url}}" }] }),
    routing_key: secret().optional().describe("The integration key, for the preset pagerduty."),
    topic: secret({ harmless: (text) => text.length < 16 })
      .optional()
      .describe(
        "The topic, for the preset ntfy. By reference where it is long, as it is then meant to be a secret.",
      ),
    ca: path({ exists: true })
      .optional()
      .describe("A PEM file: certificates of its authorities are trusted instead of the usual ones."),
    timeout: duration({ min: "100ms", max: "1h" }).prefault("10s").describe("How long one request may take."),
  })
  .superRefine(({ preset, url, body, routing_key, topic }, ctx) => {
    const say = (key: string, message: string) => ctx.addIssue({ code: "custom", path: [key], message });
    if (url === undefined && preset !== "pagerduty") say("url", "where to is missing");
    if (body !== undefined && preset !== undefined)
      say("body", `the preset ${preset} makes the body: leave one of them out`);
    if (routing_key === undefined && preset === "pagerduty")
      say("routing_key", "the preset pagerduty needs its integration key");
    if (routing_key !== undefined && preset !== "pagerduty")
      say("routing_key", "only the preset pagerduty has one");
    if (topic === undefined && preset === "ntfy") say("topic", "the preset ntfy needs a topic");
    if (topic !== undefined && preset !== "ntfy") say("topic", "only the preset ntfy has one");
    if (preset === "ntfy" && url !== undefined && url.pathname !== "/")
      say(
        "url",
        "the preset ntfy sends to the root of the server: leave the path out, and name the topic as topic",
      );
  })
  .transform((options) => ({ ...options, url: options.url ?? new URL(PAGERDUTY) }))
  .describe("A web service that is called.");
