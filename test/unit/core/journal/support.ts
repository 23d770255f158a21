import { join } from "node:path";
import type { JournalOptions } from "../../../../src/core/config/model.ts";
import { type OpenJournalOptions, openJournal } from "../../../../src/core/journal/journal.ts";
import type { Drop, Journal, JournalStatus } from "../../../../src/core/journal/port.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import type { Envelope, Logger } from "../../../../src/plugin/index.ts";

const OPTIONS: JournalOptions = {
  memory: false,
  sync: "normal",
  maxAge: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  maxUnreadBytes: Number.POSITIVE_INFINITY,
};

/** An open journal and everything it told. `await using` closes it. */
export interface OpenedJournal extends AsyncDisposable {
  readonly journal: Journal;
  readonly committed: Envelope[];
  readonly drops: Drop[];
  readonly statuses: JournalStatus[];
  readonly log: string[];
  close(): Promise<void>;
}

/** Opens the journal of a folder. */
export async function open(
  folder: string,
  {
    options,
    ...rest
  }: { options?: Partial<JournalOptions> } & Partial<Omit<OpenJournalOptions, "options">> = {},
): Promise<OpenedJournal> {
  const committed: Envelope[] = [];
  const drops: Drop[] = [];
  const statuses: JournalStatus[] = [];
  const log: string[] = [];
  const journal = await openJournal({
    path: join(folder, "journal.sqlite"),
    originFile: join(folder, "origin"),
    clock: systemClock,
    log: listLogger(log),
    onCommitted: (envelopes) => committed.push(...envelopes),
    onDropped: (some) => drops.push(...some),
    onStatus: (status) => statuses.push(status),
    options: { ...OPTIONS, ...options },
    ...rest,
  });
  const close = () => journal.close(AbortSignal.timeout(10_000));
  return { journal, committed, drops, statuses, log, close, [Symbol.asyncDispose]: close };
}

/** Envelopes with consecutive seqs from `first` on. */
export function envelopes(
  first: number,
  count: number,
  more: Partial<Envelope> & { size?: number } = {},
): Envelope[] {
  const { size = 0, ...rest } = more;
  return Array.from({ length: count }, (_, index) => ({
    seq: first + index,
    received: "2026-01-01T00:00:00.000Z",
    event: {
      id: `id-${first + index}`,
      time: "2026-01-01T00:00:00.000Z",
      origin: "here",
      source: "promises",
      type: "promise.checked",
      subject: `promise/p-${(first + index) % 10}`,
      status: "ok",
      state: "OK",
      message: `all well, héllo № ${first + index} ${"x".repeat(size)}`,
      labels: {},
      measures: {},
      data: { number: first + index },
    },
    change: false,
    previous: null,
    since: "2026-01-01T00:00:00.000Z",
    episode: null,
    ...rest,
  }));
}

function listLogger(lines: string[]): Logger {
  const add = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { debug: add("debug"), info: add("info"), warn: add("warn"), error: add("error") };
}
