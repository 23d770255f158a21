import type { Board, Envelope, StreamItem } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";

/** Leaves out of a stream what belongs to other instances. The bare root sees everything. */
export async function* inScope(
  items: AsyncIterable<StreamItem>,
  { instance }: Scope,
  board: Board,
): AsyncGenerator<StreamItem> {
  if (instance === undefined) return yield* items;
  const mine = ({ event }: Envelope) => {
    if (event.type.startsWith("lifeguard.")) return true;
    const states = board.find(event.subject);
    // A subject that has just been retired has no state any more: whoever showed it should look again.
    return states.length === 0 || states.some((state) => state.instance === instance);
  };
  for await (const item of items) {
    if (item.kind === "events") yield { ...item, events: item.events.filter(mine) };
    else if (item.kind === "snapshot")
      yield { ...item, subjects: item.subjects.filter((state) => state.instance === instance) };
    else yield item;
  }
}
