import { createHash } from "node:crypto";
import { ResolvedModule } from "./strict-schema.ts";

/** A hash of plain values that does not depend on the order of keys. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, canonical)).digest("hex");
}

function canonical(_key: string, value: unknown): unknown {
  if (value instanceof ResolvedModule)
    return { reference: value.reference, config: value.config, hash: value.hash };
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
