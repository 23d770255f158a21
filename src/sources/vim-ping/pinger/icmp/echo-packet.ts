/*
 * An echo request of ours, 64 bytes, as many as `ping` sends. In words of 32 bits:
 *
 *    0      type, code, checksum
 *    1      id, sequence
 *    2- 5   the pinger's token
 *    6      index of the target
 *    7      the target's nonce
 *    8      round
 *    9      request of the round
 *   10-15   zero
 *
 * Who may answer for whom is told by token and nonce only: the system replaces the id of unprivileged sockets, and the sequence has 16 bits.
 * The words after the header are in the machine's own order, since nobody but us reads them.
 */

/** Bytes of a request, ICMP header included. */
export const PACKET_SIZE = 64;
/** The same in words. */
export const PACKET_WORDS = PACKET_SIZE / 4;
/** Bytes up to the end of what identifies a request. */
const IDENTITY_SIZE = 40;

export const TOKEN = 2;
export const INDEX = 6;
export const NONCE = 7;
export const ROUND = 8;
export const ATTEMPT = 9;

export const ECHO_REQUEST = 8;
export const ECHO_REPLY = 0;
export const ECHO_REQUEST_V6 = 128;
export const ECHO_REPLY_V6 = 129;

/** Is the token of one packet, somewhere in a buffer, ours? */
function hasToken(words: Uint32Array, at: number, token: Uint32Array): boolean {
  return (
    words[at + TOKEN] === token[0] &&
    words[at + TOKEN + 1] === token[1] &&
    words[at + TOKEN + 2] === token[2] &&
    words[at + TOKEN + 3] === token[3]
  );
}

/** Not a message of the kind asked for. */
export const NOT_ECHO = -1;
/** An echo message, but of somebody else. */
export const NOT_OURS = -2;

/**
 * Finds an echo message of ours in what a socket received. Reads within `length` only and never throws, whatever is in it.
 * @param words the buffer; @param at the word where the message begins; @param length its bytes
 * @param type the ICMP type that it must have; @param withHeader whether an IPv4 header stands in front of it
 * @returns the word where the ICMP header begins, or `NOT_ECHO` or `NOT_OURS`
 */
export function findEcho(
  words: Uint32Array,
  at: number,
  length: number,
  type: number,
  withHeader: boolean,
  token: Uint32Array,
): number {
  let start = at;
  let rest = length;
  if (withHeader) {
    if (length < 20) return NOT_ECHO;
    const first = (words[at] as number) & 0xff;
    if (first >> 4 !== 4 || (first & 15) < 5) return NOT_ECHO;
    start += first & 15;
    rest -= 4 * (first & 15);
  }
  if (rest < 8 || ((words[start] as number) & 0xffff) !== type) return NOT_ECHO;
  if (rest < IDENTITY_SIZE || !hasToken(words, start, token)) return NOT_OURS;
  return start;
}

/** The Internet checksum of one packet whose checksum field is zero, ready to be written as its upper half of word 0. */
export function checksum(words: Uint32Array, at: number): number {
  let sum = 0;
  for (let word = at; word < at + PACKET_WORDS; word++) {
    const value = words[word] as number;
    sum += (value & 0xffff) + (value >>> 16);
  }
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The low half of a word in network order, or back. */
export function swapped(word: number): number {
  return ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
}
