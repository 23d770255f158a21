import { readFile } from "node:fs/promises";
import { compareStatus, HAL, type Status } from "../../../plugin/index.ts";
import type { Address, Login } from "./address.ts";
import { type HalContent, type HalEntry, parseHalDocument } from "./hal-document.ts";
import { OriginClient, type Validators } from "./http-get.ts";
import type { Reading, RelatedService } from "./service.ts";
import type { FileStatus } from "./status-file.ts";
import { StatusFiles, unasked } from "./status-files.ts";
import type { Within } from "./timing.ts";

/** Bounds of what one monitor can make us hold and ask. */
const DOCUMENT_BYTES = 4 * 1024 * 1024;
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

interface Known {
  readonly content: HalContent;
  readonly validators: Validators;
}

/** Reads one related monitor, again and again: its document, and the status files of the services of which that does not tell the status. */
export class MonitorReader {
  readonly #options: ReaderOptions;
  #document: Known | undefined;
  readonly #files: StatusFiles;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#files = new StatusFiles(options.address.root.origin);
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
    return (this.#document as Known).content;
  }

  async #readServices(
    client: OriginClient,
    entries: readonly HalEntry[],
    within: Within,
    signal: AbortSignal,
  ): Promise<RelatedService[]> {
    const services: RelatedService[] = [];
    const untold: HalEntry[] = [];
    for (const entry of entries) {
      if (entry.told) services.push(service(entry, entry.told));
      else untold.push(entry);
    }
    const ask = async (entry: HalEntry) => {
      services.push(service(entry, await this.#files.read(client, entry, within)));
    };
    await eachOf(untold.slice(0, STATUS_FILES), CONNECTIONS, ask, signal);
    for (const entry of untold.slice(STATUS_FILES))
      services.push(service(entry, unasked(`only ${STATUS_FILES} status files are read of one monitor`)));
    this.#files.forgetUnread();
    return services;
  }
}

function service({ id, title, page }: HalEntry, { status, message, since }: FileStatus): RelatedService {
  return { id, title, page, status, message, since };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
