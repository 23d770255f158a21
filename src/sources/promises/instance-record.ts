import { type State, z } from "../../plugin/index.ts";
import type { Links } from "./trees.ts";

/** What an instance has left on disk and told others: what must be taken back when it, or a promise of it, is gone. */
export interface InstanceRecord {
  /** Absolute path of the folder with its status files. */
  readonly publicFolder: string;
  /** Absolute path of the folder with its promises' logs. */
  readonly logFolder: string;
  /** Folders of monitor.conf, never to be removed. */
  readonly roots: readonly string[];
  /** Ids and subjects of its promises. */
  readonly promises: Readonly<Record<string, string>>;
  readonly links: Links;
  /** Absolute path of its monitor.haljson; undefined where it has none. */
  readonly halJson: string | undefined;
}

const stored = z.object({
  publicFolder: z.string(),
  logFolder: z.string(),
  roots: z.array(z.string()),
  promises: z.record(z.string(), z.string()),
  links: z.record(z.string(), z.string()),
  halJson: z.string().nullable(),
});

const PREFIX = "instance/";

/** Keeps the records in the source's durable state. */
export class InstanceRecords {
  readonly #state: State;
  readonly #written = new Map<string, string>();

  constructor(state: State) {
    this.#state = state;
  }

  /** What was remembered about an instance; undefined for nothing. */
  async get(name: string): Promise<InstanceRecord | undefined> {
    return revive(await this.#state.get(PREFIX + name));
  }

  /** Remembers; the same again costs nothing. */
  async set(name: string, record: InstanceRecord): Promise<void> {
    const value = { ...record, links: Object.fromEntries(record.links), halJson: record.halJson ?? null };
    const text = JSON.stringify(value);
    if (this.#written.get(name) === text) return;
    await this.#state.set(PREFIX + name, JSON.parse(text));
    this.#written.set(name, text);
  }

  async delete(name: string): Promise<void> {
    this.#written.delete(name);
    await this.#state.delete(PREFIX + name);
  }

  /** All instances that were ever remembered and not taken back. */
  async names(): Promise<string[]> {
    return (await this.#state.entries(PREFIX)).map(([key]) => key.slice(PREFIX.length));
  }
}

function revive(value: unknown): InstanceRecord | undefined {
  const parsed = stored.safeParse(value);
  if (!parsed.success) return undefined;
  const { links, halJson, ...rest } = parsed.data;
  return { ...rest, links: new Map(Object.entries(links)), halJson: halJson ?? undefined };
}
