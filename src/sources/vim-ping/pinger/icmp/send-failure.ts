import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { Unmeasured } from "../port.ts";

const { EACCES, EADDRNOTAVAIL, EHOSTUNREACH, EINVAL, ENETDOWN, ENETUNREACH, ENODEV, ENXIO, EPERM } =
  constants.errno;
/** Not among Node's names on every system. */
const EHOSTDOWN = 112;

/** Why a request could not go out. */
export interface SendFailure {
  /** Null: it is the target's fault as far as our own system knows, and counts as a miss. */
  readonly unmeasured: Unmeasured | null;
  readonly reason: string;
}

/** What an error of sending means for the round. */
export function sendFailure(errno: number): SendFailure {
  const name = errno === EHOSTDOWN ? "EHOSTDOWN" : systemName(errno);
  switch (errno) {
    case EHOSTUNREACH:
    case EHOSTDOWN:
      return { unmeasured: null, reason: `host unreachable, says our own system (${name})` };
    case ENETUNREACH:
    case ENETDOWN:
    case ENODEV:
    case ENXIO:
    case EADDRNOTAVAIL:
      return { unmeasured: "own-network", reason: `our own system has no way there (${name})` };
    // A blackhole route of our own.
    case EINVAL:
      return { unmeasured: "own-network", reason: `our own system refuses to send there (${name})` };
    case EPERM:
    case EACCES:
      return {
        unmeasured: "privilege",
        reason: `our own system forbids sending there (${name}): look at its firewall and routes`,
      };
    default:
      return { unmeasured: "backend", reason: `sending failed (${name})` };
  }
}

function systemName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `error ${errno}`;
  }
}
