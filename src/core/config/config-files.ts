import { readFile, stat } from "node:fs/promises";

/** A configuration larger than this is a mistake. */
const LARGEST = 16 * 2 ** 20;

/** What reading a file gave: its text, or why there is none (a clause to put after the file's name). */
export type FileText = { readonly text: string } | { readonly problem: string };

/** Everything that went into a configuration from outside: files and environment variables, read once each. */
export class ConfigFiles {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #read = new Map<string, Promise<FileText>>();
  readonly #texts = new Map<string, string>();
  readonly #used = new Map<string, string>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.env = env;
  }

  /** Absolute paths of all files that were asked for, missing ones included. */
  get paths(): readonly string[] {
    return [...this.#read.keys()];
  }

  /** Texts by absolute path, for showing the lines of problems. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  /** Reads a regular file of UTF-8 text. Never rejects. */
  read(path: string): Promise<FileText> {
    let reading = this.#read.get(path);
    if (!reading) {
      reading = readText(path).then((result) => {
        if ("text" in result) this.#texts.set(path, result.text);
        this.#used.set(`file ${path}`, "text" in result ? result.text : "absent");
        return result;
      });
      this.#read.set(path, reading);
    }
    return reading;
  }

  /** The value of an environment variable. */
  variable(name: string): string | undefined {
    const value = this.env[name];
    this.#used.set(`env ${name}`, value ?? "");
    return value;
  }

  /** All of it in a stable order, for a hash. */
  contents(): ReadonlyArray<readonly [name: string, content: string]> {
    return [...this.#used].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

async function readText(path: string): Promise<FileText> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return { problem: "is a folder, not a file" };
    if (!stats.isFile()) return { problem: "is not a regular file" };
    if (stats.size > LARGEST) return { problem: `is larger than ${LARGEST / 2 ** 20} MiB` };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
    return text.includes("\0") ? { problem: "is not text" } : { text };
  } catch (error) {
    if (error instanceof TypeError) return { problem: "is not UTF-8 text" };
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { problem: "does not exist" };
    return { problem: code === "EACCES" ? "may not be read by this user" : `cannot be read: ${message}` };
  }
}
