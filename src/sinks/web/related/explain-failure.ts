/** Failures that people meet, by Node's code. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "no answer: the connection timed out",
  EHOSTUNREACH: "no way to its host",
  ENETUNREACH: "no way to its network",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up now",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted: name its file as `ca` under `related`",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted: name its CA's file as `ca` under `related`",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate is not trusted: name its CA's file as `ca` under `related`",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate is not trusted: name its CA's file as `ca` under `related`",
};

/** Says in words why a connection failed. */
export function explainFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WORDS[code ?? ""] ?? (message || code || "it failed for an unknown reason");
}
