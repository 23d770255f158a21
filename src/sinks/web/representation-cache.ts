import type { Representation } from "./representation.ts";

/** The largest number of representations kept, and of their bytes together. */
const MAX_ENTRIES = 16;
const MAX_BYTES = 16 * 1024 * 1024;

/** Keeps the last rendering of each of the few documents that everybody asks for. */
export class RepresentationCache {
  readonly #entries = new Map<string, { readonly version: string; readonly made: Representation }>();
  #bytes = 0;

  /**
   * The representation of a key, made again when its version differs.
   * @param version everything that the rendering depends on
   */
  get(key: string, version: string, make: () => Representation): Representation {
    const known = this.#entries.get(key);
    if (known?.version === version) return known.made;
    this.#drop(key);
    const made = make();
    this.#entries.set(key, { version, made });
    this.#bytes += made.body.length;
    for (const oldest of this.#entries.keys()) {
      if (oldest === key || (this.#entries.size <= MAX_ENTRIES && this.#bytes <= MAX_BYTES)) break;
      this.#drop(oldest);
    }
    return made;
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.made.body.length ?? 0;
    this.#entries.delete(key);
  }
}
