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
  /** `done`, `taken on` where nobody waited for the result, or the code of what went wrong. */
  readonly result: string;
}

/** Takes note of who had what done. */
export type Audit = (sent: SentCommand) => void;

/** What stands for all commands in events about lifeguard itself. */
const SUBJECT = "core/commands";

/** Notes each command in the log and as an event of lifeguard's own, `lifeguard.command.sent`, for as long as the journal keeps it. */
export function commandAudit(log: Logger, own: Pick<OwnHealth, "emit">): Audit {
  return ({ command, subject, source, by, result }) => {
    const name = nameOf(by);
    log.info(`${name} sent ${command} to ${subject}: ${result}`, {
      by: name,
      command,
      subject,
      source,
      result,
    });
    const data: Json = { command, subject, source, by: name, result };
    own.emit({
      type: "lifeguard.command.sent",
      subject: SUBJECT,
      status: "ok",
      message: `${name} sent ${command} to ${subject}: ${result}`,
      data,
    });
  };
}

function nameOf(by: Principal | undefined): string {
  if (by === undefined) return "unnamed";
  return by.kind === "user" ? by.name : by.kind;
}
