/** What a person can do about an error, by PostgreSQL's code or Node's for TLS. */
const ADVICE: Readonly<Record<string, string>> = {
  "42501":
    "let its owner grant usage and create on the schema to this user, or name a schema of the user's own with schema:",
  "28P01": "the password comes from password:, the URL, PGPASSWORD or PGPASSFILE",
  "3D000": "make it with createdb, or name another one in the URL",
  "25006": "this is a standby: name the primary in the URL",
  DEPTH_ZERO_SELF_SIGNED_CERT: "name the certificate's authority with sslrootcert= in the URL",
  SELF_SIGNED_CERT_IN_CHAIN: "name the certificate's authority with sslrootcert= in the URL",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "name the certificate's authority with sslrootcert= in the URL",
};

/** An error that stopped the opening of a database, with what to do about it where that is known. The code stays. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const advice = typeof code === "string" ? ADVICE[code] : undefined;
  return advice === undefined
    ? error
    : Object.assign(new Error(`${error.message}: ${advice}`, { cause: error }), { code });
}
