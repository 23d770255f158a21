import type { SubjectState } from "./board.ts";
import type { Envelope } from "./event.ts";
import type { Filter } from "./filter.ts";

/** A position in the journal of one instance, `<journal epoch>-<seq>`. SSE ids, gRPC `after` and relay positions are all this. */
export type ResumeToken = string;

/** What a reader gets. A gap is always followed by a snapshot. */
export type StreamItem =
  | { readonly kind: "events"; readonly events: readonly Envelope[]; readonly token: ResumeToken }
  | { readonly kind: "gap"; readonly reason: string }
  | { readonly kind: "snapshot"; readonly subjects: readonly SubjectState[]; readonly token: ResumeToken };

/** Where and what to read. */
export interface StreamOptions {
  /** Continue after this position. Absent: from now on. Unknown or pruned: a gap and a snapshot come first. */
  readonly after?: ResumeToken | undefined;
  readonly filter?: Filter | undefined;
  /** Most events of one item. Absent: 1,000. */
  readonly max?: number | undefined;
  /** Ends the stream. The component's own signal ends it too. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens a stream. It is pulled: a slow reader falls back to the journal and holds back nobody. */
export type OpenStream = (options?: StreamOptions) => AsyncIterableIterator<StreamItem>;
