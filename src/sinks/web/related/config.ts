import { path, secret, z } from "../../../plugin/index.ts";
import { parseAddress } from "./address.ts";

const url = z
  .string({ error: "expected a URL" })
  .superRefine((text, ctx) => {
    try {
      parseAddress(text);
    } catch (error) {
      ctx.addIssue((error as Error).message);
    }
  })
  .describe("Root of a lifeguard's web sink or of a SlapOS monitor; monitor.haljson is read below it")
  .meta({ examples: ["https://monitor.example.org/"] });

const entry = z
  .object({
    url,
    title: z.string().min(1).optional().describe("What to call it. Default: what it calls itself"),
    username: z.string().min(1).optional().describe("User name, where it asks for a login"),
    password: secret().optional().describe("Password, by reference"),
    ca: path({ exists: true })
      .optional()
      .describe(
        "File with the certificates (PEM) that its own must be signed with, instead of those this system trusts; read anew at each look",
      ),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: "username and password belong together",
  });

/** The web sink's option `related`: other monitors to show, and how to log in to them. */
export const relatedConfig = z
  .array(z.union([url.transform((text) => ({ url: text })), entry]))
  .max(100, "at most 100")
  .default([])
  .describe(
    "Other monitors (lifeguards, SlapOS monitors) to show beside those that instances name in monitor-url-list. Either a URL, or a URL with title, login and ca; these apply to a monitor-url-list's URL that is the same, too.",
  );

/** One entry of `related`. */
export type RelatedEntry = z.output<typeof entry>;
