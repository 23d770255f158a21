import { duration, path, secret, z } from "../../../plugin/index.ts";

/** An address of mail, and the name that is shown in its place. */
export interface Mailbox {
  readonly name: string | undefined;
  readonly address: string;
}

/** One address as the envelope carries it, without a name: nothing in it can begin another header or command. */
const ADDRESS = /^[^\s<>()[\]\\,;:@"\p{Cc}]+@[^\s<>()[\]\\,;:@"\p{Cc}]+$/u;
const NAMED = /^([^<>\p{Cc}]*)<([^<>]+)>$/u;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;
const PORTS = { starttls: 587, tls: 465, none: 25 } as const;

const SEVERAL = "; several are a list";

/** What stands in monitors.yaml: an address, or `A name <address>`. */
const mailbox = (example: string, more = "") =>
  z
    .string({ error: "expected an address" })
    .refine(
      (text) => ADDRESS.test(readMailbox(text).address),
      `expected an address, such as "${example}@example.org" or "A name <${example}@example.org>"${more}`,
    );

function readMailbox(text: string): Mailbox {
  const [, name = "", inner = text] = NAMED.exec(text) ?? [];
  return { name: name.trim().replace(/^"(.*)"$/, "$1") || undefined, address: inner.trim() };
}

/** The options of mail. */
export const smtpConfig = z
  .object({
    host: z
      .string({ error: "expected the name of a mail server" })
      .regex(/^[^\s/@\p{Cc}]+$/u, "expected the name of a mail server")
      .refine(
        (text) => !/^[^:]+:\d*$/.test(text),
        "expected the name of a mail server, without a port: write it as port",
      )
      .describe("The mail server."),
    port: z
      .int({ error: "expected a port" })
      .min(1, "at least 1")
      .max(65_535, "at most 65535")
      .optional()
      .describe("Its port. Without it 587, with security: tls 465, with security: none 25."),
    security: z
      .enum(["starttls", "tls", "none"])
      .default("starttls")
      .describe(
        "starttls: the connection must be upgraded before anything is said. tls: from the first byte. none: in plain text.",
      ),
    ca: path({ exists: true })
      .optional()
      .describe("A PEM file: certificates of its authorities are trusted instead of the usual ones."),
    username: z.string().min(1).optional().describe("The login."),
    password: secret().optional().describe("The password of the login."),
    from: mailbox("lifeguard")
      .transform(readMailbox)
      .describe("Who the mail is from: an address, with a name if you like."),
    to: z
      .union([mailbox("ops", SEVERAL), z.array(mailbox("ops", SEVERAL)).min(1, "at least one address")])
      .transform((value) => (Array.isArray(value) ? value : [value]).map(readMailbox))
      .describe("Who is told: an address or a list of them, each with a name if you like."),
    timeout: duration({ min: "100ms", max: "1h" })
      .prefault("30s")
      .describe("How long sending one mail may take."),
  })
  .superRefine(({ username, password, security, host }, ctx) => {
    if ((username === undefined) !== (password === undefined))
      ctx.addIssue({
        code: "custom",
        path: [username === undefined ? "password" : "username"],
        message: "a login has a username and a password",
      });
    if (password !== undefined && security === "none" && !LOOPBACK.test(host))
      ctx.addIssue({
        code: "custom",
        path: ["security"],
        message: "a password does not travel in plain text: use starttls or tls",
      });
  })
  .transform((options) => ({ ...options, port: options.port ?? PORTS[options.security] }))
  .describe("Mail.");
