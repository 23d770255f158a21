import { createHash } from "node:crypto";

/**
 * The id of a subject's monitor, a UUID of version 8: another for each lifeguard, source and VIM, and the same after a restart.
 * @param parts what it is made from, the most general first
 */
export function monitorId(...parts: readonly string[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
