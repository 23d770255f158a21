import type { Status } from "../../../plugin/index.ts";

/** One service of a related monitor, as that monitor tells it. */
export interface RelatedService {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  readonly message: string;
  /** RFC 3339: since when it has had this verdict, if the monitor tells. */
  readonly since: string | null;
  /** Where that monitor shows it. Absolute, http or https; undefined where it names none. */
  readonly page: string | undefined;
}

/** What one look at a related monitor brought. */
export interface Reading {
  /** What it calls itself. */
  readonly title: string | undefined;
  /** Whether it is a lifeguard, which tells verdicts of its own beside SlapOS's. */
  readonly lifeguard: boolean;
  /** Worst first; of very many only the first. */
  readonly services: readonly RelatedService[];
  /** Of all services. */
  readonly counts: Readonly<Record<Status, number>>;
}
