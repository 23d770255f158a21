import { createHash } from "node:crypto";

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ROUNDS = 1000;
/** In which order three bytes of the digest each make four characters; the last byte makes two. */
const ORDER = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

/**
 * The MD5 hash of Apache's htpasswd (`apr_md5_encode` of the Apache Portable Runtime): a thousand rounds, salted.
 * @param salt up to eight characters
 * @returns `$apr1$<salt>$<22 characters>`
 */
export function apr1(password: string, salt: string): string {
  const bytes = Buffer.from(password);
  const inner = md5(bytes, salt, bytes);
  const first = createHash("md5").update(bytes).update(`$apr1$${salt}`);
  for (let left = bytes.length; left > 0; left -= 16) first.update(inner.subarray(0, Math.min(16, left)));
  for (let bits = bytes.length; bits > 0; bits >>= 1)
    first.update(bits & 1 ? Buffer.of(0) : bytes.subarray(0, 1));
  let digest: Buffer = first.digest();
  for (let round = 0; round < ROUNDS; round++) {
    const hash = createHash("md5").update(round & 1 ? bytes : digest);
    if (round % 3 !== 0) hash.update(salt);
    if (round % 7 !== 0) hash.update(bytes);
    digest = hash.update(round & 1 ? digest : bytes).digest();
  }
  const at = (index: number) => digest[index] as number;
  const text = ORDER.map(([a, b, c]) => characters((at(a) << 16) | (at(b) << 8) | at(c), 4)).join("");
  return `$apr1$${salt}$${text}${characters(at(11), 2)}`;
}

function md5(...parts: readonly (Buffer | string)[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The low six bits first. */
function characters(value: number, count: number): string {
  let text = "";
  for (let left = value; text.length < count; left >>= 6) text += ALPHABET[left & 63];
  return text;
}
