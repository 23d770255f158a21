import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { LifeguardError } from "../../../plugin/index.ts";

/** A certificate and its key, that fit each other. */
export interface KeyPair {
  /** Where they came from. */
  readonly files: { readonly cert: string; readonly key: string };
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * Reads a certificate and its key.
 * @throws LifeguardError `TLS_FILES` when one cannot be read, or they do not fit
 */
export async function readKeyPair(files: KeyPair["files"]): Promise<KeyPair> {
  try {
    const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
    createSecureContext({ cert, key });
    return { files, cert, key, expires: new X509Certificate(cert).validToDate.getTime() };
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new LifeguardError("TLS_FILES", `${files.cert} with ${files.key} cannot be used: ${reason}`, {
      cause,
    });
  }
}
