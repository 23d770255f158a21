import type { Envelope } from "../../plugin/index.ts";

/** Where delivery reads: committed, published envelopes, out of the shared ring while they are recent, else out of the journal. */
export interface BatchSource {
  /** Seq of the newest envelope that may be read; 0 when there never was one. */
  readonly head: number;
  /** Seq of the oldest envelope still there; head + 1 when there is none. */
  readonly oldest: number;
  /**
   * Envelopes after a seq, in order: at most `limit`, and no more than about `maxBytes` beyond the first. Where the position was pruned,
   * the first one is simply later.
   */
  read(after: number, limit: number, maxBytes: number): readonly Envelope[];
  /** Resolves when there is an envelope after the seq, or when the signal aborts. Never rejects. */
  wait(after: number, signal: AbortSignal): Promise<void>;
}
