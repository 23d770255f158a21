import type { ResumeToken } from "../../plugin/index.ts";

/** A position in one journal, as text: `<epoch>-<seq>`. */
export function formatToken(epoch: string, seq: number): ResumeToken {
  return `${epoch}-${seq}`;
}

/** Reads a token. Returns null for what is none. */
export function parseToken(token: string): { readonly epoch: string; readonly seq: number } | null {
  const match = /^(.+)-(\d{1,15})$/s.exec(token);
  return match ? { epoch: match[1] as string, seq: Number(match[2]) } : null;
}
