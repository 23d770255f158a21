import { appendFile, rename, rm, stat } from "node:fs/promises";

/** Bytes after which a log begins anew; the one before is kept. */
const LOG_LIMIT = 128 * 1024;

/** One line of a promise's log. */
export interface LogLine {
  /** RFC 3339. */
  readonly date: string;
  /** The word of status.json. */
  readonly word: string;
  /** One line. */
  readonly message: string;
}

/**
 * A promise's log: a line whenever its status changes, and whenever a bad one says something new. What a good one says (a load, a number of
 * bytes) is different each time and not worth a line. Never longer than twice its bound.
 */
export class ServiceLog {
  readonly #path: string;
  #size: number | undefined;
  #last = "";

  /** @param path absolute; its folder must exist */
  constructor(path: string) {
    this.#path = path;
  }

  /** Takes a result. Rejects when the file cannot be written. */
  async add({ date, word, message }: LogLine): Promise<void> {
    const news = word === "OK" ? word : `${word} - ${message}`;
    if (news === this.#last) return;
    const line = `${date} - ${word === "OK" ? "INFO" : "ERROR"} - ${word} - ${message}\n`;
    this.#size ??= await stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
    if (this.#size > LOG_LIMIT) {
      await rename(this.#path, `${this.#path}.1`);
      this.#size = 0;
    }
    await appendFile(this.#path, line, { mode: 0o640 });
    this.#size += Buffer.byteLength(line);
    this.#last = news;
  }
}

/** Takes a log away, with the one before. Never rejects. */
export async function removeLog(path: string): Promise<void> {
  for (const name of [path, `${path}.1`]) await rm(name, { force: true }).catch(() => {});
}
