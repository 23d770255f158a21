import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const ORIGIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A new random id of letters and digits. */
export function randomId(length: number): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}

/** Reads the persistent id that is kept beside the journal; null when there is none. */
export function readOrigin(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return ORIGIN.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** Keeps the persistent id beside the journal. Written whole or not at all. @throws what the file system says */
export function writeOrigin(file: string, origin: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${origin}\n`, { mode: 0o600, flush: true });
  renameSync(draft, file);
}
