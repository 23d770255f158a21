import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Board, Envelope, History, MeasuresQuery, SubjectState } from "../../../../src/plugin/index.ts";
import { historyOf } from "../../../../src/sinks/database/history.ts";
import { PartQueue } from "../../../../src/sinks/database/store/part-queue.ts";
import { HistoryStore, type StoreOptions } from "../../../../src/sinks/database/store/store.ts";
import type { StoreThread } from "../../../../src/sinks/database/store-thread.ts";

export const DAY = 86_400_000;

/** A store on SQLite in a folder of its own, in this thread. */
export class TestStore {
  readonly folder: string;
  readonly path: string;
  /** What the board of the history says. */
  states: SubjectState[] = [];
  now = 0;
  #store: HistoryStore | undefined;
  /** The greatest number of an event that was written: how far the journal is. */
  #head = 0;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "lifeguard-database-"));
    this.path = join(this.folder, "history.db");
  }

  static async open(options: Partial<StoreOptions> = {}): Promise<TestStore> {
    const test = new TestStore();
    await test.reopen(options);
    return test;
  }

  get store(): HistoryStore {
    if (!this.#store) throw new Error("the store is closed");
    return this.#store;
  }

  /** Closes, if it is open, and opens again. */
  async reopen(options: Partial<StoreOptions> = {}): Promise<void> {
    await this.close();
    this.#store = await this.beside(options);
  }

  /** Another store on the same file, to be closed by who asked for it. */
  beside(options: Partial<StoreOptions> = {}): Promise<HistoryStore> {
    return HistoryStore.open({
      place: { kind: "sqlite", path: this.path },
      retention: { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY },
      origin: "here",
      started: 0,
      position: `journal-${this.#head}`,
      ...options,
    });
  }

  /** The history as a sink offers it, without a thread. */
  get history(): History {
    const thread = {
      call: async (name: "events" | "episodes" | "days" | "measures", argument: never) => {
        await this.store.settled();
        return this.store.read<unknown>((reader) => {
          if (name !== "measures") return reader[name](argument);
          const { query, now } = argument as { query: MeasuresQuery; now: number };
          return reader.measures(query, now);
        });
      },
    } as unknown as StoreThread;
    const board = { find: () => this.states } as unknown as Board;
    return historyOf(thread, { board, clock: { now: () => this.now } as never });
  }

  /** Writes a batch that is there as a whole. */
  write(batch: readonly Envelope[], signal?: AbortSignal): Promise<void> {
    this.#head = Math.max(this.#head, ...batch.map(({ seq }) => seq));
    return this.store.write(PartQueue.of(batch), signal);
  }

  async pruneAll(now: number): Promise<number> {
    let steps = 1;
    while (await this.store.prune(now)) steps++;
    return steps;
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
