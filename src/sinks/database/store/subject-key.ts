import { hash } from "node:crypto";

/** The digest by which a subject is found, whatever the length of its parts. */
export function subjectKey(origin: string, source: string, subject: string): string {
  return hash("sha256", JSON.stringify([origin, source, subject]), "base64url").slice(0, 32);
}
