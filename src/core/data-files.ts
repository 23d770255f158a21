import { join } from "node:path";
import { LifeguardError } from "../plugin/index.ts";

/** One plain segment of a path, which no name of a folder or a socket can pass for. */
const FILE_NAME = /^[a-z0-9][a-z0-9-]*\.[a-z0-9]+$/;

/** Who may keep which file right in the data directory. Each file is one instance's: two of them in one file would undo each other's work. */
export class DataFiles {
  readonly #folder: string;
  readonly #owners: Map<string, string>;

  /** @param own names of files that core itself keeps */
  constructor(folder: string, own: readonly string[]) {
    this.#folder = folder;
    this.#owners = new Map(own.map((name) => [name, "lifeguard itself"]));
  }

  /**
   * The path of a file, which belongs to `owner` from now on.
   * @param owner where the instance stands in monitors.yaml, as `sinks.database`
   * @throws LifeguardError `CONFIG` where it is another one's
   */
  claim(owner: string, name: string): string {
    if (!FILE_NAME.test(name))
      throw new LifeguardError(
        "CONFIG",
        `"${name}" is no name for a file in the data directory: write it as name.db`,
      );
    const before = this.#owners.get(name) ?? owner;
    if (before !== owner)
      throw new LifeguardError(
        "CONFIG",
        `${join(this.#folder, name)} is kept by ${before}: give ${owner} a file of its own, or leave one of the two out`,
      );
    this.#owners.set(name, owner);
    return join(this.#folder, name);
  }

  /** An owner is no longer configured: what it kept may be another one's. */
  release(owner: string): void {
    for (const [name, one] of this.#owners) if (one === owner) this.#owners.delete(name);
  }
}
