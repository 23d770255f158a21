import { createHash } from "node:crypto";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A name that stays the same for ever, wherever the feed is read from: a `urn:uuid:` (RFC 9562). Ids that core made are UUIDs already; of
 * any other id it is one made from a hash (version 8).
 * @param origin the lifeguard that gave the id
 */
export function urn(origin: string, id: string): string {
  if (UUID.test(id)) return `urn:uuid:${id}`;
  const bytes = createHash("sha256").update(`${origin}\n${id}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")}`;
}
