import type { Board, Envelope, Operation, StreamItem } from "../../../plugin/index.ts";
import type { Site } from "../site.ts";

/** Who reads a stream, and where. */
export interface Reader extends Pick<Site, "may"> {
  /** Undefined on the bare root. */
  readonly instance: string | undefined;
  /** What must be allowed on a subject to be told of it. */
  readonly operation: Operation;
  readonly board: Board;
}

/**
 * Leaves out of a stream what belongs to other instances, and what its reader may not know; lifeguard's own events are for those who may
 * operate it.
 */
export async function* inScope(
  items: AsyncIterable<StreamItem>,
  { instance, operation, board, may }: Reader,
): AsyncGenerator<StreamItem> {
  const here = (state: { readonly instance: string }) =>
    instance === undefined || state.instance === instance;
  const mine = ({ event: { type, subject } }: Envelope) => {
    if (type.startsWith("lifeguard.")) return may("operate", null);
    if (!may(operation, subject)) return false;
    if (instance === undefined) return true;
    const states = board.find(subject);
    // A subject that has just been retired has no state any more: whoever showed it should look again.
    return states.length === 0 || states.some(here);
  };
  for await (const item of items) {
    if (item.kind === "events") yield { ...item, events: item.events.filter(mine) };
    else if (item.kind === "snapshot")
      yield {
        ...item,
        subjects: item.subjects.filter((state) => here(state) && may(operation, state.subject)),
      };
    else yield item;
  }
}
