/** A part of a file: first and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a `Range` header of one range of bytes (RFC 9110 §14). Of several ranges, and of what is badly written, none is read, as the RFC
 * allows: the whole file is the answer.
 * @param size of the file
 * @returns undefined for the whole file, `beyond` for a range that has no byte of it
 */
export function parseRange(header: string | undefined, size: number): ByteRange | "beyond" | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.replace(/\s/g, "") ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "beyond" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return undefined;
  if (first >= size) return "beyond";
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}
