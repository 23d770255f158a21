import { join } from "node:path";
import { Lifeguard } from "../support/lifeguard.ts";
import { until } from "../support/until.ts";
import { seedInstance } from "./seed-instance.ts";

/** What differs from a lifeguard on loopback without logins. */
export interface SeededOptions {
  /** Of the source `promises`. */
  readonly source?: object;
  /** Of the sink `web`. */
  readonly web?: object;
  /** What it takes to see the promise's result. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A lifeguard that shows a seeded instance, and where. Who started it stops it. */
export interface Seeded {
  readonly lifeguard: Lifeguard;
  readonly origin: string;
}

/**
 * Starts a lifeguard with an instance as SlapOS lays it out, below `instance/`, and waits until its promise has a result.
 * @param folder an empty one of its own
 */
export async function startSeeded(
  folder: string,
  { source = {}, web = {}, headers = {} }: SeededOptions = {},
): Promise<Seeded> {
  const config = {
    sources: { promises: { ...seedInstance(join(folder, "instance")), ...source } },
    sinks: { web: { listen: "127.0.0.1:0", ...web } },
  };
  const lifeguard = new Lifeguard(folder, JSON.stringify(config));
  try {
    await lifeguard.ready();
    const { origin } = new URL(await lifeguard.url());
    const result = `${origin}/public/kvm-log-parse.status.json`;
    await until("a result", async () => (await fetch(result, { headers })).ok);
    return { lifeguard, origin };
  } catch (error) {
    await lifeguard.stop();
    throw error;
  }
}
