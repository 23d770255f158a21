import { z } from "../plugin/index.ts";

/** One named behaviour of a contract, for any test runner: `for (const { name, run } of checks) test(name, run)`. */
export interface Check {
  readonly name: string;
  /** Rejects when the behaviour does not hold. */
  run(): Promise<void>;
}

/** Fails a check with a reason. */
export function ensure(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Error(reason);
}

/** Waits for a condition by asking again; the checks know no better moment than when it holds. */
export async function eventually(what: string, condition: () => boolean, timeout = 10_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!condition()) {
    ensure(performance.now() < end, `in vain for ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every option must say what it is for: descriptions are the reference page and the editor's help. */
export function ensureDescribed(schema: z.ZodType, path = "config"): void {
  const json = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    target: "draft-7",
  }) as JsonSchema;
  for (const [key, field] of Object.entries(json.properties ?? {}))
    ensure(field.description, `${path}.${key} has no description: add .describe("…")`);
}

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** What keeps a process alive: timers, sockets, pipes, workers. */
export function activeResources(): readonly string[] {
  return process.getActiveResourcesInfo().toSorted();
}

/** Waits until nothing is open that was not open before; says what stayed. */
export async function ensureNothingLeft(before: readonly string[], within: number): Promise<void> {
  const extra = () => {
    const rest = [...before];
    return activeResources().filter((resource) => {
      const index = rest.indexOf(resource);
      if (index < 0) return true;
      rest.splice(index, 1);
      return false;
    });
  };
  const end = performance.now() + within;
  // Handles close a turn or two after their close was called.
  while (extra().length > 0 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  ensure(extra().length === 0, `left open ${within} ms after the stop: ${extra().join(", ")}`);
}

/** Runs something and fails on whatever escapes to the process meanwhile. */
export async function ensureNothingEscapes(act: () => Promise<void>): Promise<void> {
  const escaped: unknown[] = [];
  const catcher = (error: unknown) => escaped.push(error);
  process.on("uncaughtException", catcher);
  process.on("unhandledRejection", catcher);
  try {
    await act();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("uncaughtException", catcher);
    process.off("unhandledRejection", catcher);
  }
  ensure(escaped.length === 0, `escaped to the process: ${escaped.map(String).join("; ")}`);
}
