import type { SinkInstance } from "../config/model.ts";
import type { Cursor, Journal } from "../journal/port.ts";

/**
 * Where a sink goes on, or begins. A new durable sink's cursor is on disk when this resolves, so that nothing which is accepted from then
 * on can pass it by, also where its start fails.
 * @param head seq of the newest envelope that was published
 * @param resume whether a live sink goes on from its cursor, as at a reload, instead of beginning at the head
 */
export async function openCursor(
  journal: Pick<Journal, "append" | "cursor" | "oldest">,
  { name, mode, definition }: Pick<SinkInstance, "name" | "mode" | "definition">,
  { head, resume }: { head: number; resume: boolean },
): Promise<Cursor> {
  const stored = journal.cursor(name);
  const durable = mode === "durable";
  if (stored && stored.seq <= head && (durable || resume)) return stored;
  const base = durable && !stored && definition.begin === "oldest" ? journal.oldest - 1 : head;
  const cursor = { sink: name, seq: base, base, delivered: 0, filtered: 0, deadLettered: 0, dropped: 0 };
  // A live sink's old cursor would hold back retention from where the last run ended.
  if (durable || stored) await journal.append({ cursors: [cursor] });
  return cursor;
}
