import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createTransport } from "nodemailer";
import type { Clock } from "../../../plugin/index.ts";
import { mailOf } from "../mail.ts";
import type { Outcome, Target } from "../target.ts";
import type { Telling } from "../telling.ts";
import type { Mailbox } from "./smtp-config.ts";

/** How a connection is secured: upgraded before anything is said, from the first byte, or not at all. */
export type MailSecurity = "starttls" | "tls" | "none";

/** Which server takes the mail, and from whom to whom it goes. */
export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  /** Absolute path of a PEM file whose authorities are trusted instead of the usual ones. */
  readonly ca: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/** What nodemailer says of a refusal. */
interface SmtpError extends Error {
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
}

/**
 * Refusals that are not about this mail (RFC 3463): of a mailbox or system that is full or not to be used (5.2 and 5.3, but 5.2.3 and
 * 5.3.4: the mail is too big for it), of the way (5.4), and of policy (5.7), such as a limit of mails a day.
 */
const NOT_THIS_MAIL = /^5\d\d[ -]5\.(?:[47]\.\d+|2\.(?!3\b)\d+|3\.(?!4\b)\d+)\b/;

/**
 * Tells people by mail. The message's id makes its `Message-ID`, by which servers and readers tell a repetition; mails about one episode
 * make one thread. A server's 5xx to the content refuses the message; to the login or an address it waits for a correction.
 */
export function smtpTarget(options: SmtpOptions, clock: Clock): Target {
  const { host, port } = options;
  return {
    name: `smtp://${host.includes(":") ? `[${host}]` : host}:${port}`,
    most: Number.POSITIVE_INFINITY,
    closes: false,
    async tell(telling, only, signal): Promise<Outcome> {
      const abort = new AbortController();
      const cancel = clock.setTimeout(
        () => abort.abort(new Error(`no answer within ${options.timeout} ms`)),
        options.timeout,
      );
      try {
        return await send(options, telling, only, AbortSignal.any([abort.signal, signal]));
      } catch (error) {
        return judge(abort.signal.aborted ? abort.signal.reason : error);
      } finally {
        cancel();
      }
    },
    close() {},
  };
}

async function send(
  { host, port, security, ca, username, password, from, to, timeout }: SmtpOptions,
  telling: Telling,
  only: readonly string[] | null,
  signal: AbortSignal,
): Promise<Outcome> {
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(username !== undefined && { auth: { user: username, pass: password ?? "" } }),
    ...(ca !== undefined && { tls: { ca: await readFile(ca) } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const mail = {
    ...mailOf(telling),
    from: { name: from.name ?? telling.sender, address: from.address },
    to: to.map(({ name = "", address }) => ({ name, address })),
    envelope: { from: from.address, to: [...(only ?? to.map(({ address }) => address))] },
    messageId: `<${telling.id}@${domain}>`,
    ...threadOf(telling, domain),
    headers: { "Auto-Submitted": "auto-generated", "X-Lifeguard-Kind": telling.kind },
    signal,
  };
  const { rejectedErrors = [] } = await transport.sendMail(mail);
  const deferred = rejectedErrors.filter(({ responseCode = 0 }) => responseCode < 500);
  const left = deferred.flatMap(({ recipient }) => recipient ?? []);
  // Whoever is refused for good is not tried again for a mail that others have; who is only put off is.
  const refused = rejectedErrors
    .filter((error) => !deferred.includes(error))
    .map((error) => `${error.recipient} never gets it (${reasonOf(error)})`);
  const except = refused.length === 0 ? {} : { except: refused.join(", ") };
  return left.length === 0
    ? { kind: "told", ...except }
    : { kind: "failed", reason: reasonOf(deferred[0] as SmtpError), left, ...except };
}

/** One change's mails hang together by its episode, which is the root of their thread though no mail has that id. */
function threadOf({ items, count }: Telling, domain: string): { readonly references?: string } {
  const [item] = items;
  if (count !== 1 || item === undefined) return {};
  const root = createHash("sha256").update(item.episode).digest("hex").slice(0, 32);
  return { references: `<episode.${root}@${domain}>` };
}

function judge(error: unknown): Outcome {
  const { command = "", responseCode = 0, response = "" } = error as SmtpError;
  const reason = reasonOf(error as SmtpError);
  if (responseCode < 500) return { kind: "failed", reason };
  if (command === "DATA" && !NOT_THIS_MAIL.test(response)) return { kind: "refused", reason };
  return { kind: "failed", reason, correctable: true };
}

function reasonOf({ message, response }: SmtpError): string {
  return (response !== undefined && !message.includes(response) ? `${message}: ${response}` : message)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .slice(0, 500);
}
