import type { VimError } from "./events.ts";

/** What errors of the system say about ourselves, and nothing about who was asked. */
const OWN: Readonly<Record<string, VimError>> = {
  ENETUNREACH: "own-network",
  ENETDOWN: "own-network",
  EADDRNOTAVAIL: "own-network",
  EPERM: "privilege",
  EACCES: "privilege",
  ENOBUFS: "backend",
  ENOMEM: "backend",
  EMFILE: "backend",
  ENFILE: "backend",
};

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "host unreachable",
  EHOSTDOWN: "host down",
  ETIMEDOUT: "connection timed out",
  ENETUNREACH: "network unreachable",
  ENETDOWN: "network down",
};

/** Why an error of a connection says nothing about its far end; null for one that does. */
export function ownError(error: NodeJS.ErrnoException): VimError | null {
  return OWN[error.code ?? ""] ?? null;
}

/** An error of a connection in a few words. */
export function netReason(error: NodeJS.ErrnoException): string {
  return WORDS[error.code ?? ""] ?? error.code ?? error.message;
}
