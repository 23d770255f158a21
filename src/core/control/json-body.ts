import type { IncomingMessage } from "node:http";
import { type Json, LifeguardError } from "../../plugin/index.ts";

const MOST_BYTES = 1024 * 1024;

/** Reads the body of a request as a JSON object; an empty one for no body. @throws LifeguardError `CONTROL_REQUEST` */
export async function readJsonBody(request: IncomingMessage): Promise<{ readonly [key: string]: Json }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new LifeguardError("CONTROL_REQUEST", `a request may have ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new LifeguardError("CONTROL_REQUEST", "the request is no JSON", { cause });
  }
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw new LifeguardError("CONTROL_REQUEST", "the request is no JSON object");
  return body as { readonly [key: string]: Json };
}
