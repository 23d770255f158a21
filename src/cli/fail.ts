import { LifeguardError } from "../plugin/errors.ts";
import { EXIT } from "./exit-code.ts";
import { paintFor } from "./terminal.ts";

/** Prints why a command failed on standard error: one line for what lifeguard can explain, the stack for what it cannot. @returns the exit code */
export function fail(error: unknown): number {
  const paint = paintFor(process.stderr);
  const explained = error instanceof LifeguardError;
  const text = explained
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${paint(["bold", "red"], "lifeguard:")} ${text}\n`);
  return EXIT.failure;
}
