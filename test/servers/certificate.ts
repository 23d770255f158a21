import { spawnSync } from "node:child_process";
import { readFileSync, renameSync } from "node:fs";

/**
 * Makes a self-signed certificate for this machine with openssl.
 * @param files where certificate and key go; files that stand there are replaced in one step each
 * @returns the certificate, to be trusted
 */
export function makeCertificate(
  files: { readonly cert: string; readonly key: string },
  commonName: string,
): string {
  const made = { cert: `${files.cert}.new`, key: `${files.key}.new` };
  const { status, stderr, error } = spawnSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-noenc",
        "-days",
        "2",
      ],
      ...["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost"],
      ...["-keyout", made.key, "-out", made.cert],
    ],
    { encoding: "utf8" },
  );
  if (error) throw new Error("openssl is missing", { cause: error });
  if (status !== 0) throw new Error(stderr);
  renameSync(made.key, files.key);
  renameSync(made.cert, files.cert);
  return readFileSync(files.cert, "utf8");
}
