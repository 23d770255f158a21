import { readFile } from "node:fs/promises";
import { compareStatus, HAL, type Status } from "../../../plugin/index.ts";
import type { Address, Login } from "./address.ts";
import { type HalContent, type HalEntry, parseHalDocument } from "./hal-document.ts";
import { HttpStatusError, OriginClient, type Validators } from "./http-get.ts";
import type { Reading, RelatedService } from "./service.ts";
import { type FileStatus, parseStatusFile } from "./status-file.ts";

/** Bounds of what one monitor can make us hold and ask. */
const DOCUMENT_BYTES = 4 * 1024 * 1024;
const STATUS_BYTES = 256 * 1024;
const STATUS_FILES = 500;
const SERVICES = 1000;
const CONNECTIONS = 6;

/** Whom to ask, and how. */
export interface ReaderOptions {
  readonly address: Address;
  readonly login: Login | undefined;
  /** File with certificates. */
  readonly ca: string | undefined;
}

/** Runs a task with a signal that aborts, for the reason given, when it takes too long. */
export type Within = <Value>(task: (signal: AbortSignal) => Promise<Value>) => Promise<Value>;

interface Known<Content> {
  readonly content: Content;
  readonly validators: Validators;
}

/** Reads one related monitor, again and again: its document, and the status files of the services of which that does not tell the status. */
export class MonitorReader {
  readonly #options: ReaderOptions;
  #document: Known<HalContent> | undefined;
  #files = new Map<string, Known<FileStatus>>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /**
   * One look.
   * @param within bounds the time of each question
   * @param signal ends it
   * @throws Error whose message says why the monitor cannot be read; the signal's reason
   */
  async read(within: Within, signal: AbortSignal): Promise<Reading> {
    const { address, login, ca } = this.#options;
    const client = new OriginClient(address.root.origin, {
      login,
      ca: ca === undefined ? undefined : await readCa(ca),
      connections: CONNECTIONS,
    });
    try {
      const { title, lifeguard, entries } = await this.#readDocument(client, within);
      const services = await this.#readServices(client, entries, within, signal);
      const counts: Record<Status, number> = { critical: 0, warning: 0, unknown: 0, ok: 0 };
      for (const { status } of services) counts[status]++;
      services.sort(
        (a, b) => compareStatus(a.status, b.status) || compareText(a.title + a.id, b.title + b.id),
      );
      return { title, lifeguard, counts, services: services.slice(0, SERVICES) };
    } finally {
      client.close();
    }
  }

  async #readDocument(client: OriginClient, within: Within): Promise<HalContent> {
    const answer = await within((signal) =>
      client.get({
        url: this.#options.address.document,
        accept: `${HAL}, application/json;q=0.9, */*;q=0.1`,
        known: this.#document?.validators,
        maxBytes: DOCUMENT_BYTES,
        signal,
      }),
    );
    if (answer.kind === "content")
      this.#document = { content: parseHalDocument(answer.text, answer.url), validators: answer.validators };
    return (this.#document as Known<HalContent>).content;
  }

  async #readServices(
    client: OriginClient,
    entries: readonly HalEntry[],
    within: Within,
    signal: AbortSignal,
  ): Promise<RelatedService[]> {
    const files = new Map<string, Known<FileStatus>>();
    const services: RelatedService[] = [];
    const untold: HalEntry[] = [];
    for (const entry of entries) {
      if (entry.told) services.push(service(entry, entry.told));
      else untold.push(entry);
    }
    const ask = async (entry: HalEntry) => {
      services.push(service(entry, await this.#readStatus(client, entry, files, within)));
    };
    await eachOf(untold.slice(0, STATUS_FILES), CONNECTIONS, ask, signal);
    for (const entry of untold.slice(STATUS_FILES))
      services.push(
        service(entry, unasked(`not asked: only ${STATUS_FILES} status files are read of one monitor`)),
      );
    // What is no longer named is forgotten.
    this.#files = files;
    return services;
  }

  async #readStatus(
    client: OriginClient,
    { statusFile }: HalEntry,
    files: Map<string, Known<FileStatus>>,
    within: Within,
  ): Promise<FileStatus> {
    if (!statusFile)
      return { status: "critical", message: "its monitor does not tell its status", since: null };
    if (statusFile.origin !== this.#options.address.root.origin)
      return unasked(`not asked: its status file is on another server, ${statusFile.origin}`);
    const known = this.#files.get(statusFile.href);
    try {
      const answer = await within((signal) =>
        client.get({
          url: statusFile,
          accept: "application/json, */*;q=0.1",
          known: known?.validators,
          maxBytes: STATUS_BYTES,
          signal,
        }),
      );
      const now =
        answer.kind === "content"
          ? { content: parseStatusFile(answer.text), validators: answer.validators }
          : (known as Known<FileStatus>);
      files.set(statusFile.href, now);
      return now.content;
    } catch (error) {
      // Somebody answers, so the monitor lives: only this one is not to be had.
      if (error instanceof HttpStatusError)
        return {
          status: "critical",
          message: `its status file cannot be read: ${error.message}`,
          since: null,
        };
      throw error;
    }
  }
}

function service({ id, title, page }: HalEntry, { status, message, since }: FileStatus): RelatedService {
  return { id, title, page, status, message, since };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What lifeguard does not look at is unknown, not bad. */
function unasked(message: string): FileStatus {
  return { status: "unknown", message, since: null };
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`the certificates of its \`ca\` cannot be read: ${(error as Error).message}`);
  }
}

/** Works through a list with some at once. The first failure ends all. */
async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  task: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const rest = items.values();
  let failed = false;
  const worker = async () => {
    for (const item of rest) {
      if (failed) return;
      signal.throwIfAborted();
      await task(item).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
