import type { Json } from "./json.ts";
import type { Status } from "./status.ts";

/** Something that can be plotted. `unit` is a UCUM-like short word: `s`, `ms`, `B`, `%`, `1`, or what a Nagios plugin printed. */
export interface Measure {
  readonly value: number;
  readonly unit: string;
  readonly warn?: number | string;
  readonly crit?: number | string;
  readonly min?: number;
  readonly max?: number;
}

/** One immutable observation: who saw what, about which subject, with which verdict. */
export interface Event {
  /** UUIDv7 made at intake, or the source's own id where the same fact could be seen twice. */
  readonly id: string;
  /** RFC 3339, UTC, with milliseconds and `Z`: when it was observed. */
  readonly time: string;
  /** The persistent id of the lifeguard that saw it first. */
  readonly origin: string;
  /** The source's instance name in monitors.yaml. */
  readonly source: string;
  /** Dotted, past tense: `promise.failed`, `vim.unreachable`. */
  readonly type: string;
  /** The watched thing: `kind/name…`. */
  readonly subject: string;
  readonly status: Status;
  /** The source's own word: `REACHABLE`, `HEALING`, `BAD`. */
  readonly state: string;
  /** One line that tells a person why. */
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly measures: Readonly<Record<string, Measure>>;
  readonly data: Json;
}

/** Keys of the instance's durable state to write in the event's own transaction; null deletes a key. */
export type Checkpoint = Readonly<Record<string, Json>>;

/** What a source emits. Intake fills in the rest. */
export interface EventDraft {
  readonly type: string;
  readonly subject: string;
  /** Absent: the status that stands (housekeeping events always carry that one). */
  readonly status?: Status | undefined;
  /** Absent: the upper-case status. */
  readonly state?: string | undefined;
  readonly message: string;
  /** Only where the same fact could be seen twice: a draft whose id is already in the journal is dropped silently. */
  readonly id?: string | undefined;
  /** Absent: now. */
  readonly time?: Date | string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly measures?: Readonly<Record<string, Measure>> | undefined;
  readonly data?: Json | undefined;
  /** Written in the same transaction as the event. A draft with a checkpoint is never dropped for lack of room. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** A whole event that another lifeguard saw, as a relay or Kafka source hands it to `accept(…, { foreign: true })`. */
export interface ForeignDraft extends Event {
  readonly checkpoint?: Checkpoint | undefined;
}

/** An event with what this instance knows about it: its place in the journal and what changed by it. */
export interface Envelope {
  /** The position in this instance's journal; consecutive. */
  readonly seq: number;
  /** RFC 3339: when this instance took it in. */
  readonly received: string;
  readonly event: Event;
  /** Whether the subject's status differs from the last. A first event is a change only if it is critical or warning. */
  readonly change: boolean;
  /** The status before, null for a subject's first event. */
  readonly previous: Status | null;
  /** RFC 3339: since when the subject has had this status. */
  readonly since: string;
  /** The id of the not-ok stretch that this event belongs to or (as a recovery) ends; null outside one. */
  readonly episode: string | null;
}

const HOUSEKEEPING = /^subject\.|\.(?:measured|registered|unregistered|monitor_deleted)$/;

/** Whether events of this type carry no verdict of their own: they never change a status, message or episode. */
export function isHousekeeping(type: string): boolean {
  return HOUSEKEEPING.test(type);
}

/** The first segment of a subject: `promise` of `promise/kvm-log-parse`. It is the prefix of the types that core emits for its monitors. */
export function kindOf(subject: string): string {
  const slash = subject.indexOf("/");
  return slash < 0 ? subject : subject.slice(0, slash);
}
