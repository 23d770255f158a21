import { DatabaseSync } from "node:sqlite";
import { LifeguardError } from "../../plugin/index.ts";
import type { JournalOptions } from "../config/model.ts";
import type { OnPruned } from "./group-writer.ts";
import { prepareFile } from "./journal-file.ts";
import { LocalWriter } from "./local-writer.ts";
import { randomId, readOrigin, writeOrigin } from "./origin.ts";
import type { Journal } from "./port.ts";
import { createSchema, type Identity } from "./schema.ts";
import { type JournalHooks, type Opened, SqliteJournal } from "./sqlite-journal.ts";
import { JournalStore, type StoreOptions } from "./store.ts";
import { ThreadWriter } from "./thread-writer.ts";

/** What a journal is opened with. */
export interface OpenJournalOptions extends JournalHooks {
  /** The file. Unused for a journal in memory. */
  readonly path: string;
  /** Where the persistent id is kept, so that it outlives a journal; null keeps it in the journal alone. */
  readonly originFile: string | null;
  readonly options: JournalOptions;
  /** Only for tests and benches: milliseconds that every commit takes longer, as on a slow disk. */
  readonly commitDelay?: number | undefined;
}

/**
 * Opens the journal, or begins a new one. A damaged or foreign file is moved aside, told in the log, and replaced.
 * @throws LifeguardError `JOURNAL_NEWER` when a newer lifeguard wrote the file, `JOURNAL_OPEN` when it cannot be opened at all
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { memory, sync, maxAge, maxBytes, maxUnreadBytes } = options.options;
  const storeOptions: StoreOptions = { sync, bounds: { maxAge, maxBytes, maxUnreadBytes } };
  const identity = memory ? newIdentity(options, null) : prepareFile(options.path, fileOptions(options));
  keepOrigin(options, identity.origin);
  const opened = memory ? openMemory(identity, storeOptions) : await openFile(options, storeOptions);
  return new SqliteJournal(identity, opened, options);
}

function openMemory(identity: Identity, storeOptions: StoreOptions): Opened {
  const database = new DatabaseSync(":memory:");
  createSchema(database, identity);
  const store = new JournalStore(database, storeOptions);
  const writer = new LocalWriter(store, (...pruned) => opened.onPruned(...pruned));
  const opened: Opened = { reader: database, writer, footprint: store.footprint, onPruned: () => {} };
  return opened;
}

async function openFile(
  { path, commitDelay = 0 }: OpenJournalOptions,
  storeOptions: StoreOptions,
): Promise<Opened> {
  let onPruned: OnPruned = () => {};
  const { writer, footprint } = await ThreadWriter.start(
    { path, commitDelay, ...storeOptions },
    (...pruned) => onPruned(...pruned),
  ).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LifeguardError("JOURNAL_OPEN", `journal ${path} cannot be opened: ${reason}`, { cause: error });
  });
  return {
    reader: new DatabaseSync(path, { readOnly: true, timeout: 5000 }),
    writer,
    footprint,
    set onPruned(listener: OnPruned) {
      onPruned = listener;
    },
  };
}

function fileOptions(options: OpenJournalOptions) {
  const { clock, log } = options;
  return { clock, log, newIdentity: (salvaged: string | null) => newIdentity(options, salvaged) };
}

function newIdentity({ originFile }: OpenJournalOptions, salvaged: string | null): Identity {
  const kept = originFile === null ? null : readOrigin(originFile);
  return { epoch: randomId(8), origin: salvaged ?? kept ?? randomId(12) };
}

function keepOrigin({ originFile, log }: OpenJournalOptions, origin: string): void {
  if (originFile === null || readOrigin(originFile) === origin) return;
  try {
    writeOrigin(originFile, origin);
  } catch (error) {
    log.warn(`the id of this lifeguard could not be written to ${originFile}: ${error}`);
  }
}
