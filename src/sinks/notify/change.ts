import type { Status } from "../../plugin/index.ts";

/** What there is to tell: it went bad, it got worse (warning, then critical), it still is bad, it is over, it is not watched any more. */
export type ChangeKind = "down" | "worse" | "reminder" | "recovered" | "retired";

/** One thing to be told about one episode. */
export type Change = {
  /** `<episode>/<kind>`, a reminder with its number: the same for the same news, whatever happened to this process. */
  readonly id: string;
  readonly kind: ChangeKind;
  readonly episode: string;
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  /** What people call the subject. */
  readonly title: string;
  readonly status: Status;
  readonly state: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339: since when it has been bad. */
  readonly since: string;
  /** RFC 3339: when it was over; null while it lasts. */
  readonly ended: string | null;
  /** When it became due, milliseconds since the epoch. */
  readonly at: number;
};

/** Whether it is worth telling as long as its episode stands, however late; a reminder comes again. */
export function isLasting({ kind }: Change): boolean {
  return kind === "down" || kind === "worse";
}

/** Names one subject of one source of one origin. */
export function subjectKey({
  origin,
  source,
  subject,
}: Readonly<Record<"origin" | "source" | "subject", string>>): string {
  return JSON.stringify([origin, source, subject]);
}
