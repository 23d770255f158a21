import type { Json } from "../../plugin/index.ts";
import type { Captured } from "./tail-buffer.ts";

/** What a promise's standard output is, read as JSON. */
export type SlaposOutput =
  /** The contract: an object. */
  | { readonly kind: "object"; readonly keys: Readonly<Record<string, Json>> }
  /** Meant as JSON, and wrong. */
  | { readonly kind: "broken"; readonly why: string }
  /** Anything else; a lone number or word, too, is what a shell script prints. */
  | { readonly kind: "text" };

/** Reads standard output by SlapOS's contract. */
export function parseSlaposOutput({ text: output, opens, kept, total }: Captured): SlaposOutput {
  const text = output.trim();
  if (kept < total)
    return opens === "{"
      ? { kind: "broken", why: `standard output is JSON of ${total} bytes, too long to be read` }
      : { kind: "text" };
  if (opens !== "{" && opens !== "[") return { kind: "text" };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    // A bracket opens many a line of text ("[OK] fine"); a brace does not.
    return opens === "{"
      ? { kind: "broken", why: `standard output begins as JSON and is none: ${(error as Error).message}` }
      : { kind: "text" };
  }
  if (Array.isArray(value)) return { kind: "broken", why: "standard output is a JSON array, not an object" };
  return { kind: "object", keys: value as { readonly [key: string]: Json } };
}
