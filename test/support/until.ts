import { setTimeout as pause } from "node:timers/promises";

/**
 * Waits for a condition by asking again every few milliseconds.
 * @returns the first truthy value
 * @throws when `timeout` milliseconds have passed, with what was waited for and the last error
 */
export async function until<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  timeout = 20_000,
): Promise<NonNullable<Value>> {
  const end = performance.now() + timeout;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > end)
      throw new Error(`waited ${timeout} ms in vain: ${what}`, { cause: lastError });
    await pause(25);
  }
}
