import { join } from "node:path";
import type { Clock, Logger } from "../../plugin/index.ts";
import { writeAtomically } from "./atomic-write.ts";
import { type GlobalState, globalDocuments } from "./global-documents.ts";

/** Milliseconds that changes are collected for, so that a thousand first results are one file. */
const SETTLE = 1000;

/** Names the file in both folders. */
export const GLOBAL_FILE = "monitor.global.json";

/** Where an instance's global state goes, and what it is beside its promises' words. */
export interface GlobalPlace extends Omit<GlobalState, "words" | "now"> {
  /** Absolute paths of the folders; undefined where there is none. */
  readonly publicFolder: string | undefined;
  readonly privateFolder: string | undefined;
}

/** Keeps an instance's `monitor.global.json` up to date: soon after the word of one of its promises has changed. */
export class GlobalFiles {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #words = new Map<string, string>();
  #place: GlobalPlace | undefined;
  #described = "";
  #due = false;
  #complaint = "";

  /** @param signal ends it */
  constructor(clock: Clock, log: Logger, signal: AbortSignal) {
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
  }

  /** Says where and what it is now. */
  follow(place: GlobalPlace): void {
    this.#place = place;
    const described = JSON.stringify(place);
    if (described !== this.#described && this.#words.size > 0) this.#touch();
    this.#described = described;
  }

  /** Writes no more. */
  close(): void {
    this.#place = undefined;
  }

  /** A promise has a result. */
  set(id: string, word: string): void {
    if (this.#words.get(id) === word) return;
    this.#words.set(id, word);
    this.#touch();
  }

  /** A promise is gone. */
  delete(id: string): void {
    if (this.#words.delete(id)) this.#touch();
  }

  #touch(): void {
    if (this.#due) return;
    this.#due = true;
    this.#clock.setTimeout(() => void this.#write(), SETTLE, this.#signal);
  }

  async #write(): Promise<void> {
    this.#due = false;
    if (!this.#place) return;
    const { publicFolder, privateFolder, ...rest } = this.#place;
    const documents = globalDocuments({ ...rest, words: this.#words, now: this.#clock.now() });
    try {
      if (publicFolder)
        await writeAtomically(join(publicFolder, GLOBAL_FILE), JSON.stringify(documents.public));
      if (privateFolder)
        await writeAtomically(join(privateFolder, GLOBAL_FILE), JSON.stringify(documents.private));
      this.#complaint = "";
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#complaint) this.#log.warn(`${GLOBAL_FILE} cannot be written: ${message}`);
      this.#complaint = message;
    }
  }
}
