/** Bytes and words of a `struct cmsghdr` on a 64-bit machine. */
const HEADER = 16;
/** The same in words: where the contents of a control message begin. */
export const CONTROL_HEADER_WORDS = HEADER / 4;

/**
 * Finds a control message among those that came with a packet (cmsg(3)). Reads within the given words only, whatever is in them.
 * @param words memory of control messages; @param begin, end the words that belong to the packet
 * @returns the word where its header begins; −1 where there is none of that level and type
 */
export function findControl(
  words: Uint32Array,
  begin: number,
  end: number,
  level: number,
  type: number,
): number {
  for (let at = begin; at + CONTROL_HEADER_WORDS <= end; ) {
    const length = words[at] as number;
    if (length < HEADER) return -1;
    if (words[at + 2] === level && words[at + 3] === type) return at;
    at += 2 * Math.ceil(length / 8);
  }
  return -1;
}
