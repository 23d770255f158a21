import { rmSync, statSync } from "node:fs";

/** What SQLite keeps beside its file, and takes for that of whatever file it finds under the name. */
const COMPANIONS = ["-wal", "-shm"];

/** The file that SQLite has open. When its name is taken away, SQLite goes on with what nobody can open any more. */
export class DatabaseFile {
  readonly #path: string;
  #opened: readonly (string | undefined)[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** The file that is there now is the one that was opened. */
  opened(): void {
    this.#opened = this.#names().map(identity);
  }

  /** Whether the file that was opened was removed or replaced since. */
  get lost(): boolean {
    const [opened] = this.#opened;
    return opened !== undefined && identity(this.#path) !== opened;
  }

  /** Removes what the lost file has left beside it, which would spoil the one that took its place. Only when it is closed. */
  removeCompanions(): void {
    const [, ...companions] = this.#opened;
    const [, ...names] = this.#names();
    for (const [index, name] of names.entries())
      if (companions[index] !== undefined && identity(name) === companions[index]) rmSync(name);
  }

  #names(): readonly string[] {
    return ["", ...COMPANIONS].map((suffix) => this.#path + suffix);
  }
}

function identity(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
