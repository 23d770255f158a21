import { readFile } from "node:fs/promises";
import { type Json, z } from "../../plugin/index.ts";
import { writeAtomically } from "./atomic-write.ts";
import { LINE_LIMIT } from "./limits.ts";
import type { ResultData } from "./result-data.ts";
import { firstCharacters } from "./text.ts";

const historyFile = z.looseObject({ date: z.number(), data: z.array(z.record(z.string(), z.json())) });

/**
 * The changes of a promise's status in a file, oldest first, as SlapOS's `<service>.history.json` has them. Written only when the status
 * changes, always whole, never longer than its bound.
 */
export class StatusHistory {
  readonly #file: string;
  readonly #limit: number;
  #entries: Array<Record<string, Json>> | undefined;
  #created = 0;

  /**
   * @param file absolute path
   * @param limit entries kept; 0 keeps no history
   */
  constructor(file: string, limit: number) {
    this.#file = file;
    this.#limit = limit;
  }

  /** Takes a result; nothing happens unless its status differs from the last one kept. Rejects when the file cannot be written. */
  async add(data: ResultData, id: string): Promise<void> {
    if (this.#limit === 0) return;
    const entries = await this.#load(Date.parse(String(data.date)));
    if (entries.at(-1)?.status === data.status) return;
    entries.push({
      ...(entries.length === 0 && { title: id, name: id }),
      status: data.status ?? "BAD",
      failed: data.status !== "OK",
      date: data.date ?? null,
      "change-date": data.date ?? null,
      message: firstCharacters(String(data.message), LINE_LIMIT),
      "execution-time": data["execution-time"] ?? null,
    });
    entries.splice(0, entries.length - this.#limit);
    await writeAtomically(this.#file, JSON.stringify({ date: this.#created / 1000, data: entries }));
  }

  /** What an earlier lifeguard wrote; a file that cannot be read as a history begins anew. */
  async #load(now: number): Promise<Array<Record<string, Json>>> {
    if (this.#entries) return this.#entries;
    this.#entries = [];
    this.#created = now;
    const text = await readFile(this.#file, "utf8").catch(() => undefined);
    if (text === undefined) return this.#entries;
    try {
      const { date, data } = historyFile.parse(JSON.parse(text));
      this.#created = date * 1000;
      this.#entries = data as Array<Record<string, Json>>;
    } catch {
      // A part of a file is worth nothing; the next change writes a whole one.
    }
    return this.#entries;
  }
}
