import type { Libc } from "./libc.ts";

/** A string as C wants it. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

/** A null-terminated array of strings as C wants it: what `argv` and `envp` are. */
export class CStrings {
  /** The array of addresses. It holds as long as this object is kept. */
  readonly array: Buffer;
  /** Nothing else keeps the strings from being collected. */
  readonly #strings: readonly Buffer[];

  constructor(strings: readonly string[], libc: Pick<Libc, "address">) {
    this.#strings = strings.map(cString);
    this.array = Buffer.alloc(8 * (strings.length + 1));
    for (const [index, string] of this.#strings.entries())
      this.array.writeBigUInt64LE(libc.address(string), 8 * index);
  }
}
