import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Json, statusDocument, z } from "../../plugin/index.ts";
import { learnFolder } from "./folder-files.ts";
import { ReplacedFile } from "./replaced-file.ts";
import type { ResultData } from "./result-data.ts";
import { StatusHistory } from "./status-history.ts";

const earlier = z.looseObject({ status: z.string(), "change-time": z.number(), date: z.string().optional() });

/** That there is no news: since when, in one line, and the data of an event and of status.json that say so. */
export interface Silence {
  readonly reason: string;
  readonly data: ResultData;
}

/** Paths of a promise's files in its instance's public folder. */
function resultFileNames(
  publicFolder: string,
  id: string,
): { readonly status: string; readonly history: string } {
  return {
    status: join(publicFolder, `${id}.status.json`),
    history: join(publicFolder, `${id}.history.json`),
  };
}

/** A promise's files: `<service>.status.json`, the same document that a web sink makes of its event, and `<service>.history.json`. */
export class ResultFiles {
  readonly #subject: string;
  readonly #id: string;
  /** What people call it. */
  title: string | undefined;
  readonly #status: ReplacedFile;
  readonly #history: StatusHistory;
  #last: { word: string; changed: number; date: string | undefined } | undefined;
  #loaded = false;
  #latest: ResultData | undefined;

  constructor(options: {
    subject: string;
    id: string;
    title: string | undefined;
    publicFolder: string;
    history: number;
  }) {
    const names = resultFileNames(options.publicFolder, options.id);
    this.#subject = options.subject;
    this.#id = options.id;
    this.title = options.title;
    this.#status = new ReplacedFile(names.status);
    this.#history = new StatusHistory(names.history, options.history);
  }

  /**
   * Since when a word stands, if it is the word of a result of that time; carried over from the file that an earlier lifeguard wrote.
   * @param now milliseconds since the epoch; so is what is returned
   */
  async changedAt(word: string, now: number): Promise<number> {
    if (!this.#loaded) await this.#load();
    return this.#last?.word === word ? this.#last.changed : now;
  }

  /** Writes what a run gave. Rejects when the files cannot be written; what stands in memory is right all the same. */
  async write(data: ResultData): Promise<void> {
    this.#loaded = true;
    this.#last = {
      word: String(data.status),
      changed: Number(data["change-time"]) * 1000,
      date: String(data.date),
    };
    this.#latest = data;
    await this.#replace(this.#document(data, null));
    await this.#history.add(data, this.#id);
  }

  /**
   * What there is to say when there is no news, so that nobody takes an old OK for a new one.
   * @param registered milliseconds since the epoch: since when a result has been awaited, if there was never one
   * @param now the same for now
   */
  async silence(registered: number, now: number): Promise<Silence> {
    if (!this.#loaded) await this.#load();
    const date = this.#last?.date ?? new Date(registered).toISOString();
    const { message, truncated, note, ...last } = this.#latest ?? {};
    const none = { "start-date": date, "execution-time": 0, returncode: null };
    return {
      reason: `no result since ${date}`,
      data: { ...none, ...last, status: "BAD", date, "change-time": now / 1000 },
    };
  }

  /** Says so in the file, too. Rejects when that cannot be written. */
  async writeSilence({ reason, data }: Silence): Promise<void> {
    await this.#replace(this.#document(data, reason));
    this.#last = { word: "BAD", changed: Number(data["change-time"]) * 1000, date: String(data.date) };
  }

  async #replace(document: Json): Promise<void> {
    const text = JSON.stringify(document);
    try {
      await this.#status.write(text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      // Somebody removed the folder; monitor.conf still names it.
      await makeFolder(dirname(this.#status.path), 0o755);
      await this.#status.write(text);
    }
  }

  #document(data: ResultData, stale: string | null): Json {
    const changed = Number(data["change-time"]) * 1000;
    return statusDocument({
      subject: this.#subject,
      status: data.status === "OK" && stale === null ? "ok" : "unknown",
      message: String(data.message),
      since: new Date(changed).toISOString(),
      seen: String(data.date ?? new Date(changed).toISOString()),
      stale,
      event: { time: String(data.date ?? new Date(changed).toISOString()), data },
      description: { title: this.title },
    });
  }

  async #load(): Promise<void> {
    this.#loaded = true;
    const text = await readFile(this.#status.path, "utf8").catch(() => undefined);
    if (text === undefined) return;
    try {
      const document = earlier.parse(JSON.parse(text));
      this.#last = { word: document.status, changed: document["change-time"] * 1000, date: document.date };
    } catch {
      // Not one of ours, or a part of one: the next result writes a whole one.
    }
  }
}

/** Takes away what a promise that is gone has left. Never rejects. */
export async function removeResultFiles(publicFolder: string, id: string): Promise<void> {
  const { status, history } = resultFileNames(publicFolder, id);
  await new ReplacedFile(status).remove();
  await rm(history, { force: true }).catch(() => {});
}

/** Makes a folder that a monitor.conf names, and learns how to work on its files; or says why it cannot be had. */
export async function makeFolder(folder: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true, mode });
    await learnFolder(folder);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
