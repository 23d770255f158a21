import { createHash } from "node:crypto";
import { type Change, subjectKey } from "./change.ts";
import type { Queued } from "./change-queue.ts";

/** A message on its way: from its making to the answer of whoever takes it, it is the same message with the same id. */
export interface OwedMessage {
  /** Of the changes that it was made of: the same news has the same id. It stays where some of them are taken out. */
  readonly id: string;
  readonly number: number;
  /** The number of its first change: messages go in this order, so that none overtakes another one about the same subject. */
  readonly first: number;
  readonly changes: readonly Change[];
  /** Of the subjects of its changes. */
  readonly keys: ReadonlySet<string>;
  /** How many changes before it were lost, which it has to say. */
  readonly lost: number;
  /** Who of the recipients is still to be told; null: all. */
  readonly left: readonly string[] | null;
}

/** A message to everybody. */
export function owedMessage(number: number, queued: readonly Queued[], lost: number): OwedMessage {
  const changes = queued.map(({ change }) => change);
  const hash = createHash("sha256");
  for (const { id } of changes) hash.update(id).update("\0");
  const id = hash.digest("hex").slice(0, 32);
  return { id, number, first: queued[0]?.number ?? number, changes, keys: keysOf(changes), lost, left: null };
}

/** The same message with fewer changes. */
export function withChanges(message: OwedMessage, changes: readonly Change[]): OwedMessage {
  return { ...message, changes, keys: keysOf(changes) };
}

function keysOf(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.map(subjectKey));
}
