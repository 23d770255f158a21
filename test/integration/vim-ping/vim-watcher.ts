import { chmodSync } from "node:fs";
import { onTestFinished } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

/** An event as the console sink writes it. */
export interface WrittenEvent {
  readonly type: string;
  readonly subject: string;
  readonly status: string;
  readonly state: string;
  readonly time: string;
  readonly data: {
    readonly message: string;
    readonly data: Readonly<Record<string, unknown>> | null;
  };
}

const VERDICTS = new Set(["vim.reachable", "vim.unreachable", "vim.unknown"]);

/** A whole lifeguard that watches VIMs, in a network or as a user of a test's choice, and every event that it made of them. */
export class VimWatcher {
  readonly events: WrittenEvent[] = [];
  readonly lifeguard: Lifeguard;
  readonly #latest = new Map<string, WrittenEvent>();

  /**
   * @param addresses one VIM each, `vim/<its address>`
   * @param options what monitors.yaml says of the source beside them
   * @param prefix words in front of its command line
   */
  constructor(
    addresses: readonly string[],
    options: Readonly<Record<string, unknown>>,
    prefix: readonly string[],
    environment: Record<string, string> = {},
  ) {
    const folder = temporaryFolder("lifeguard-vims-");
    // It may be somebody else who runs it.
    chmodSync(folder.path, 0o777);
    const vims = addresses.map((address) => ({
      name: address,
      auth_url: `https://${address.includes(":") ? `[${address}]` : address}:5000/v3`,
    }));
    // JSON is YAML.
    const config = JSON.stringify({
      sources: { vims: { type: "vim-ping", ...options, vims } },
      sinks: { out: { type: "console", format: "ndjson", from: { types: ["vim.*"] } } },
    });
    this.lifeguard = new Lifeguard(folder.path, config, {
      prefix,
      environment,
      onLine: (line) => this.#hear(JSON.parse(line) as WrittenEvent),
    });
    onTestFinished(async () => {
      await this.lifeguard.stop();
      folder[Symbol.dispose]();
    });
    this.lifeguard.start();
  }

  /** The latest verdict on a VIM. */
  latest(address: string): WrittenEvent | undefined {
    return this.#latest.get(`vim/${address}`);
  }

  of(type: string): WrittenEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  /** How many VIMs are in each state. */
  get states(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { state } of this.#latest.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  /** Waits until so many VIMs are in a state. */
  async all(state: string, count: number): Promise<void> {
    const what = () => `${count} VIMs to be ${state}, not ${JSON.stringify(this.states)}`;
    try {
      await until(state, () => this.states[state] === count, 60_000);
    } catch {
      throw new Error(`waited in vain for ${what()}; its output: ${this.lifeguard.output.slice(-1000)}`);
    }
  }

  #hear(event: WrittenEvent): void {
    this.events.push(event);
    if (VERDICTS.has(event.type)) this.#latest.set(event.subject, event);
  }
}
