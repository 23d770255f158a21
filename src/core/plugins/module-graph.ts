import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

/** The hash of a text, or of its absence. */
function hashOf(content: Buffer | string | null): string {
  return content === null ? "absent" : createHash("sha256").update(content).digest("hex");
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** An import that could not be resolved. */
export interface FailedImport {
  readonly specifier: string;
  /** The file that imports; undefined when it is the plugin itself that is missing. */
  readonly importer: string | undefined;
}

/**
 * One version of a plugin: its file and every neighbour that came with it, as they were when they were read. The hooks fill it while the
 * modules load, and later when one imports another on demand.
 */
export class ModuleGraph {
  /** Distinguishes the modules of this version from all others of the process. */
  readonly id: number;
  /** Absolute folder that the plugin's own reference is looked up from. */
  readonly baseDirectory: string;
  readonly #hashes = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  /** The last import that failed. */
  failed: FailedImport | undefined;

  constructor(id: number, baseDirectory: string) {
    this.id = id;
    this.baseDirectory = baseDirectory;
  }

  /** Absolute paths of the files in it; also of those that were looked for in vain. */
  get files(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  /** A hash of all contents. */
  get hash(): string {
    const lines = [...this.#hashes].map(([file, hash]) => `${file} ${hash}`).sort();
    return hashOf(lines.join("\n"));
  }

  has(file: string): boolean {
    return this.#hashes.has(file);
  }

  /** Reads a file into this version. Returns its text; undefined when there is none. */
  read(file: string): string | undefined {
    const content = read(file);
    this.#hashes.set(file, hashOf(content));
    const text = content?.toString("utf8");
    if (text !== undefined) this.#texts.set(file, text);
    return text;
  }

  /** Remembers that a file was looked for and is not there, so that its appearance counts as a change. */
  missed(file: string): void {
    if (!this.#hashes.has(file)) this.#hashes.set(file, hashOf(existsSync(file) ? read(file) : null));
  }

  /** The text of a file as it was loaded. */
  text(file: string): string | undefined {
    return this.#texts.get(file);
  }

  /** Whether every file still has the content it was loaded with. */
  isCurrent(): boolean {
    return [...this.#hashes].every(([file, hash]) => hashOf(read(file)) === hash);
  }

  /** Forgets the texts, which only errors while loading need. */
  settle(): void {
    this.#texts.clear();
  }
}
