import {
  type Checkpoint,
  type Event,
  type EventDraft,
  kindOf,
  STATUSES,
  type Status,
} from "../../plugin/index.ts";
import { checkDescription } from "./check-description.ts";
import { copyLabels, copyMeasures } from "./copy-fields.ts";
import { copyJson, type Meter } from "./copy-json.ts";
import { DraftError, FieldError } from "./draft-error.ts";
import type { Emitter, IntakeSource } from "./intake-source.ts";
import { checkName, checkSubject, oneLine, stateWord } from "./texts.ts";
import { timestamp } from "./timestamp.ts";

/** An event on its way: intake still fills in what depends on what stands. */
export type MutableEvent = { -readonly [Key in keyof Event]: Event[Key] };

/** A draft that keeps the contract. */
export interface Checked {
  readonly event: MutableEvent;
  /** The draft's own status; null for the one that stands. */
  readonly verdict: Status | null;
  /** Whether the id came with the draft, so that the event may have been seen before. */
  readonly ownId: boolean;
  /** Whether another lifeguard saw it first. */
  readonly foreign: boolean;
  readonly checkpoint: Checkpoint | undefined;
  /** About what it takes, in bytes. */
  readonly bytes: number;
}

/** What a check needs beside the draft. */
export interface CheckOptions {
  readonly emitter: Emitter;
  /** RFC 3339: the time of a draft that has none. */
  readonly now: string;
  /** Most bytes of one event as JSON. */
  readonly eventBytes: number;
}

/** What core emits for the monitors of any source. */
const OF_MONITORS = new Set(["registered", "unregistered", "monitor_deleted"]);
/** Id, time, origin, source, keys and punctuation. */
const FIXED_BYTES = 300;
/** One UTF-16 unit takes at most so many bytes in JSON: `\u0001`. */
const MAX_BYTES_PER_UNIT = 6;
const DESCRIBED = "subject.described";

/**
 * Checks a draft against the contract and the types that its source declared, and copies it.
 * @throws DraftError (`EVENT_INVALID`) naming the source, the type and the field
 */
export function checkDraft(source: IntakeSource, draft: EventDraft, options: CheckOptions): Checked {
  if (draft === null || typeof draft !== "object")
    throw new DraftError(source.name, undefined, "draft", "expected an object");
  try {
    return check(source, draft, options);
  } catch (error) {
    if (error instanceof FieldError) throw new DraftError(source.name, draft.type, error.path, error.message);
    // Out of a getter of the draft or a refinement of its schema: the source's own doing.
    throw new DraftError(
      source.name,
      draft.type,
      "draft",
      error instanceof Error ? error.message : String(error),
    );
  }
}

function check(
  source: IntakeSource,
  draft: EventDraft & Partial<Pick<Event, "origin" | "source">>,
  options: CheckOptions,
): Checked {
  const { emitter, now } = options;
  const foreign = emitter === "foreign";
  const subject = checkSubject(draft.subject);
  const type = checkType(source, draft.type, subject, emitter);
  const ownId = draft.id !== undefined || foreign;
  const meter: Meter = { size: FIXED_BYTES };
  const event: MutableEvent = {
    id: ownId ? checkName(draft.id, "id") : "",
    time: draft.time === undefined && !foreign ? now : timestamp(draft.time),
    origin: foreign ? checkName(draft.origin, "origin") : source.origin,
    source: foreign ? checkName(draft.source, "source") : source.name,
    type,
    subject,
    status: "unknown",
    state: stateWord(draft.state),
    message: oneLine(draft.message),
    labels: copyLabels(draft.labels, source.labels, meter),
    measures: copyMeasures(draft.measures, meter),
    data: draft.data === undefined ? null : copyJson(draft.data, "data", meter),
  };
  if (type === DESCRIBED) event.data = checkDescription(event.data, foreign);
  // What core says in a probe's place has no data, whatever the type asks for.
  else if (emitter === "source") checkData(source, event);
  meter.size += event.message.length + event.state.length + subject.length + type.length;
  checkSize(event, meter.size, options.eventBytes);
  return {
    event,
    verdict: checkStatus(draft.status, foreign),
    ownId,
    foreign,
    checkpoint: draft.checkpoint === undefined ? undefined : checkCheckpoint(draft.checkpoint, meter),
    bytes: meter.size,
  };
}

function checkType(source: IntakeSource, type: unknown, subject: string, emitter: Emitter): string {
  if (emitter === "foreign") return checkName(type, "type");
  if (typeof type !== "string") throw new FieldError("type", "expected a text");
  const reserved = type.startsWith("subject.") || type.startsWith("lifeguard.");
  if (!reserved && source.events.has(type)) return type;
  if (emitter === "core") {
    if (reserved) return type;
    const kind = kindOf(subject);
    if (type.startsWith(`${kind}.`) && OF_MONITORS.has(type.slice(kind.length + 1))) return type;
  }
  throw new FieldError(
    "type",
    reserved
      ? "types that begin with subject. and lifeguard. belong to core"
      : `not declared; this source emits ${[...source.events.keys()].join(", ") || "nothing"}`,
  );
}

function checkStatus(status: unknown, foreign: boolean): Status | null {
  if (status === undefined && !foreign) return null;
  if (!STATUSES.includes(status as Status))
    throw new FieldError("status", `expected one of ${STATUSES.join(", ")}`);
  return status as Status;
}

function checkData(source: IntakeSource, event: MutableEvent): void {
  const result = source.events.get(event.type)?.safeParse(event.data);
  const issue = result?.error?.issues[0];
  if (issue) throw new FieldError(["data", ...issue.path].join("."), issue.message);
}

/** Most events are far from the bound, so only those near it are measured exactly. */
function checkSize(event: MutableEvent, size: number, limit: number): void {
  if (size * MAX_BYTES_PER_UNIT <= limit) return;
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes > limit)
    throw new FieldError("draft", `the event takes ${bytes} bytes; at most ${limit} are allowed`);
}

function checkCheckpoint(checkpoint: unknown, meter: Meter): Checkpoint {
  const copy = copyJson(checkpoint, "checkpoint", meter);
  if (copy === null || typeof copy !== "object" || Array.isArray(copy))
    throw new FieldError("checkpoint", "expected an object of keys and values");
  for (const key of Object.keys(copy)) checkName(key, "checkpoint");
  return copy as Checkpoint;
}
