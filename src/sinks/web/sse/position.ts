import type { ResumeToken } from "../../../plugin/index.ts";

/** A resume token in its parts. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** The parts of a token, `<epoch>-<seq>`. What is no token has a place that no stream is ever at. */
export function positionOf(token: ResumeToken): Position {
  const dash = token.lastIndexOf("-");
  const seq = Number(token.slice(dash + 1));
  return { epoch: token.slice(0, Math.max(0, dash)), seq: Number.isInteger(seq) ? seq : -1 };
}
