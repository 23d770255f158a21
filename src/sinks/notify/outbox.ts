import { createHash } from "node:crypto";
import type { Json, Silences } from "../../plugin/index.ts";
import type { Owed } from "./book.ts";
import { type Change, subjectKey } from "./change.ts";
import { Unheard } from "./unheard.ts";

/** A message on its way: from its making to the answer of whoever takes it, it is the same message with the same id. */
export interface OwedMessage {
  /** Of its changes alone: the same news has the same id. */
  readonly id: string;
  readonly number: number;
  readonly changes: readonly Change[];
  /** How many changes before it were lost, which it has to say. */
  readonly lost: number;
  /** Who of the recipients is still to be told; null: all. */
  readonly left: readonly string[] | null;
}

/** What an outbox is made from. */
export interface OutboxParts {
  /** Milliseconds that a change waits for others. */
  readonly groupWait: number;
  /** Most changes of one message. */
  readonly most: number;
  /** Most changes that wait; beyond it the book keeps what stands, and what is over by then is lost. */
  readonly capacity: number;
  readonly silences: Pick<Silences, "of">;
  /** Stages a value of the sink's state; null deletes. */
  readonly save: (key: string, value: Json) => void;
  /** Told of changes that will never be told. */
  readonly onLost: (count: number, reason: "full" | "refused" | "expired") => void;
}

interface Queued {
  readonly change: Change;
  readonly key: string;
  /** The message that tells it; undefined while it waits for others. */
  message: number | undefined;
}

/** How a message is stored: its changes by their numbers. */
type StoredMessage = {
  readonly id: string;
  readonly changes: readonly number[];
  readonly lost: number;
  readonly left: readonly string[] | null;
};

/** Keys of the sink's state: changes and messages by their number, and how many changes were lost that nobody was told of. */
const CHANGE = "c/";
const MESSAGE = "m/";
const LOST = "lost";

/**
 * What is owed: changes that wait, in order, and the messages made of them. A message is made when the way is free, so that an outage at the
 * far end gathers what happens meanwhile. Everything is in the sink's state; nothing leaves it before it was told, or given up.
 */
export class Outbox implements Owed {
  readonly #parts: OutboxParts;
  readonly #changes = new Map<number, Queued>();
  readonly #messages = new Map<number, OwedMessage>();
  readonly #unheard: Unheard;
  #next = 1;
  #lost = 0;

  /** @param stored the sink's state as it was saved */
  constructor(parts: OutboxParts, stored: ReadonlyArray<readonly [key: string, value: Json]>) {
    this.#parts = parts;
    this.#unheard = new Unheard(parts.save, stored);
    for (const [key, value] of stored)
      if (key.startsWith(CHANGE)) this.#add(numberOf(key), value as Change);
      else if (key === LOST) this.#lost = value as number;
    for (const [key, value] of stored)
      if (key.startsWith(MESSAGE)) this.#restore(numberOf(key), value as StoredMessage);
  }

  get hasRoom(): boolean {
    return this.#changes.size < this.#parts.capacity;
  }

  /** How many changes are not told yet. */
  get size(): number {
    return this.#changes.size;
  }

  /** The messages on their way, oldest first; but those of which everything is silenced now: they wait as they are. */
  get messages(): readonly OwedMessage[] {
    return [...this.#messages.values()].filter(
      ({ changes }) => !changes.every((change) => this.#parts.silences.of(change)),
    );
  }

  /** A message as it is now; undefined where nothing is left of it. */
  find(number: number): OwedMessage | undefined {
    return this.#messages.get(number);
  }

  push(change: Change): void {
    const number = this.#next;
    this.#add(number, change);
    this.#parts.save(CHANGE + pad(number), change);
    this.#dropUnheardOf(subjectKey(change));
  }

  withdraw(key: string): void {
    this.#unheard.forget(key);
    for (const message of this.#messages.values())
      if (message.left === null) this.#takeOut(message, (change) => subjectKey(change) === key);
    for (const [number, queued] of this.#changes)
      if (queued.key === key && queued.message === undefined) this.#remove(number);
  }

  lose(count: number, reason: "full" | "refused" | "expired"): void {
    this.#owe(count);
    this.#parts.onLost(count, reason);
  }

  /**
   * When the changes that wait have waited for others long enough.
   * @returns milliseconds from now; infinity when none waits, or all that do are silenced
   */
  ripeIn(now: number): number {
    const first = this.#waiting()[0]?.[1];
    if (!first) return Number.POSITIVE_INFINITY;
    const { at } = first.change;
    // Where the clock was set back nobody knows how long it has waited.
    return at > now ? 0 : Math.max(0, at + this.#parts.groupWait - now);
  }

  /** Makes a message of the changes that wait, the oldest first; undefined where none does. To be saved before it is told. */
  make(): OwedMessage | undefined {
    const taken = this.#waiting().slice(0, this.#parts.most);
    if (taken.length === 0) return undefined;
    const changes = taken.map(([, { change }]) => change);
    const number = this.#next++;
    const message = { id: idOf(changes), number, changes, lost: this.#lost, left: null };
    for (const [, queued] of taken) queued.message = number;
    this.#messages.set(number, message);
    this.#save(
      message,
      taken.map(([one]) => one),
    );
    if (this.#lost > 0) this.#parts.save(LOST, null);
    this.#lost = 0;
    return message;
  }

  /** Takes out of messages that nobody has yet what was silenced since they were made: the rest is told, and this waits again. */
  withhold(): void {
    for (const message of this.messages)
      if (message.left === null)
        this.#takeOut(message, (change) => this.#parts.silences.of(change) !== undefined);
  }

  /** Some recipients have it; those that are left are told alone. */
  narrow(message: OwedMessage, left: readonly string[]): void {
    this.#heard(message);
    this.#replace({ ...message, left });
  }

  /** It was told. */
  told(message: OwedMessage): void {
    this.#heard(message);
    this.#discard(message);
  }

  /** It will never be told; to those, at least, who are left. */
  giveUp(message: OwedMessage, reason: "refused" | "expired"): void {
    const { changes, lost, left } = message;
    this.#discard(message);
    // What only some never had is not lost.
    if (left !== null) return;
    this.lose(changes.length + lost, reason);
    this.#unheard.givenUp(changes);
    for (const change of changes) this.#dropUnheardOf(subjectKey(change));
  }

  /** Changes that no message tells yet, but those that are silenced now, and those that would overtake another of the same subject. */
  #waiting(): Array<readonly [number, Queued]> {
    const held = new Set<string>();
    for (const { key, message } of this.#changes.values())
      if (message !== undefined && this.#messages.get(message)?.left === null) held.add(key);
    return [...this.#changes].filter(
      ([, { change, key, message }]) =>
        message === undefined && !held.has(key) && !this.#parts.silences.of(change),
    );
  }

  /** Lets changes of a message wait again; a message that has no others is none any more. */
  #takeOut(message: OwedMessage, isOut: (change: Change) => boolean): void {
    const out = new Set(message.changes.filter(isOut));
    if (out.size === 0) return;
    for (const queued of this.#changes.values()) if (out.has(queued.change)) queued.message = undefined;
    if (out.size < message.changes.length) {
      this.#replace({ ...message, changes: message.changes.filter((change) => !out.has(change)) });
      return;
    }
    if (message.lost > 0) this.#owe(message.lost);
    this.#discard(message);
  }

  /** Somebody has it, if not all. */
  #heard({ changes }: OwedMessage): void {
    for (const change of changes) this.#unheard.forget(subjectKey(change));
  }

  /** A recovery is no news where nobody has heard, nor is about to hear, that there was something to recover from. */
  #dropUnheardOf(key: string): void {
    if (!this.#unheard.has(key)) return;
    const next = this.#changes.entries().find(([, queued]) => queued.key === key);
    if (next?.[1].change.kind !== "recovered") return;
    this.#remove(next[0]);
    this.#unheard.forget(key);
  }

  #discard({ number }: OwedMessage): void {
    for (const one of this.#numbersOf(number)) this.#remove(one);
    this.#messages.delete(number);
    this.#parts.save(MESSAGE + pad(number), null);
  }

  /** So many lost changes are still to be said. */
  #owe(lost: number): void {
    this.#lost += lost;
    this.#parts.save(LOST, this.#lost);
  }

  #replace(message: OwedMessage): void {
    this.#messages.set(message.number, message);
    this.#save(message, this.#numbersOf(message.number));
  }

  #numbersOf(message: number): number[] {
    return [...this.#changes].filter(([, queued]) => queued.message === message).map(([number]) => number);
  }

  #add(number: number, change: Change): void {
    this.#changes.set(number, { change, key: subjectKey(change), message: undefined });
    this.#next = Math.max(this.#next, number + 1);
  }

  #remove(number: number): void {
    this.#changes.delete(number);
    this.#parts.save(CHANGE + pad(number), null);
  }

  #restore(number: number, { id, changes: numbers, lost, left }: StoredMessage): void {
    const queued = numbers.flatMap((one) => this.#changes.get(one) ?? []);
    for (const one of queued) one.message = number;
    this.#messages.set(number, { id, number, changes: queued.map(({ change }) => change), lost, left });
    this.#next = Math.max(this.#next, number + 1);
  }

  #save({ id, number, lost, left }: OwedMessage, changes: readonly number[]): void {
    this.#parts.save(MESSAGE + pad(number), { id, changes, lost, left });
  }
}

function idOf(changes: readonly Change[]): string {
  const hash = createHash("sha256");
  for (const { id } of changes) hash.update(id).update("\0");
  return hash.digest("hex").slice(0, 32);
}

/** Keys sort as their numbers do. */
function pad(number: number): string {
  return String(number).padStart(15, "0");
}

function numberOf(key: string): number {
  return Number(key.slice(2));
}
