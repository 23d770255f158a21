import { constants } from "node:os";
import { getSystemErrorName } from "node:util";

// Some numbers have a second name further down; the first is the usual one.
const NAMES = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .reverse(),
);

/** `SIGKILL` for 9; `signal 40` for one without a name of its own. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `signal ${number}`;
}

/** 9 for `SIGKILL`, 40 for `signal 40`. */
export function signalNumber(name: string): number {
  return (constants.signals as Record<string, number>)[name] ?? Number(name.replace(/^signal /, ""));
}

/** `ENOENT` for 2; `error 999` for one without a name. */
export function errnoName(number: number): string {
  const name = number > 0 ? getSystemErrorName(-number) : "";
  return /^E[A-Z0-9]+$/.test(name) ? name : `error ${number}`;
}
