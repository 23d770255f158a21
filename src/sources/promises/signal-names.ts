import { constants } from "node:os";

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name] as const));

/** `SIGKILL` for 9; `signal 40` for one without a name of its own. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `signal ${number}`;
}

/** 9 for `SIGKILL`; undefined for what `signalName` made up. */
export function signalNumber(name: string): number | undefined {
  return (constants.signals as Record<string, number>)[name];
}

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name] as const));

/** `ENOENT` for 2; `error 999` for one without a name. */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? `error ${number}`;
}
