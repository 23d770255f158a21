import { LifeguardError } from "../../../plugin/index.ts";

/** How many items an answer has: what was asked for, within a bound. */
export function limitOf(asked: number | undefined, standard: number, most: number): number {
  if (asked === undefined || !Number.isFinite(asked)) return standard;
  return Math.min(most, Math.max(1, Math.floor(asked)));
}

/**
 * Reads where the page before ended: a number, and what tells apart items that share it.
 * @throws LifeguardError `HISTORY_QUERY`
 */
export function parseCursor(cursor: string): readonly [number: number, rest: string] {
  const dot = cursor.indexOf(".");
  const number = Number(cursor.slice(0, dot));
  if (dot < 1 || !Number.isSafeInteger(number))
    throw new LifeguardError("HISTORY_QUERY", `"${cursor}" is not what an earlier answer gave as next`);
  return [number, cursor.slice(dot + 1)];
}

/** Cuts off the one item that was read to see whether there are more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursor: (row: Row) => string,
  item: (row: Row) => Item,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(item), next: last === undefined ? null : cursor(last) };
}

/**
 * Milliseconds since the epoch of a time in a query.
 * @throws LifeguardError `HISTORY_QUERY`
 */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new LifeguardError("HISTORY_QUERY", `"${text}" is not a time: write RFC 3339`);
  return time;
}
