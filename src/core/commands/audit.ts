import type { Json, Logger, Principal } from "../../plugin/index.ts";
import type { OwnHealth } from "../pipeline/own-health.ts";

/** A command that a source has taken on. */
export interface SentCommand {
  readonly command: string;
  readonly subject: string;
  /** The instance that answered. */
  readonly source: string;
  /** Undefined where the sender names nobody. */
  readonly by: Principal | undefined;
  /** The address that it came from; undefined where it came from this machine's own command line. */
  readonly from: string | undefined;
  /** `done`, `taken on` where nobody waited for the result, or the code of what went wrong. */
  readonly result: string;
}

/** Takes note of who had what done. */
export type Audit = (sent: SentCommand) => void;

/** What stands for all commands in events about lifeguard itself. */
const SUBJECT = "core/commands";

/** Notes each command in the log and as an event of lifeguard's own, `lifeguard.command.sent`, for as long as the journal keeps it. */
export function commandAudit(log: Logger, own: Pick<OwnHealth, "emit">): Audit {
  return ({ command, subject, source, by, from, result }) => {
    const name = nameOf(by);
    const message = `${name}${from === undefined ? "" : ` at ${from}`} sent ${command} to ${subject}: ${result}`;
    const data = { command, subject, source, by: name, from: from ?? null, result } satisfies Json;
    log.info(message, data);
    own.emit({ type: "lifeguard.command.sent", subject: SUBJECT, status: "ok", message, data });
  };
}

function nameOf(by: Principal | undefined): string {
  if (by === undefined) return "unnamed";
  return by.kind === "user" ? by.name : by.kind;
}
