import type { Status } from "../plugin/index.ts";

/** What a process of lifeguard ends with. */
export const EXIT = { ok: 0, failure: 1, config: 78 } as const;

/** What Nagios understands: the exit codes of `status` and `check`. */
export const NAGIOS: Readonly<Record<Status, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };
