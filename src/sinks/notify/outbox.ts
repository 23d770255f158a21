import type { Json, Silences } from "../../plugin/index.ts";
import type { Owed } from "./book.ts";
import { type Change, subjectKey } from "./change.ts";
import { ChangeQueue, type Queued } from "./change-queue.ts";
import { numberKey, numberOf } from "./number-key.ts";
import { type OwedMessage, owedMessage, withChanges } from "./owed-message.ts";
import { Unheard } from "./unheard.ts";

/** What an outbox is made from. */
export interface OutboxParts {
  /** Milliseconds that a change waits for others. */
  readonly groupWait: number;
  /** Most changes of one message. */
  readonly most: number;
  /** Most changes that wait; beyond it the book keeps what stands, and what is over by then is lost. */
  readonly capacity: number;
  readonly silences: Pick<Silences, "of">;
  /** Whether what a change tells is still so: its episode stands. */
  readonly stands: (change: Change) => boolean;
  /** Stages a value of the sink's state; null deletes. */
  readonly save: (key: string, value: Json) => void;
  /** Told of changes that will never be told. */
  readonly onLost: (count: number, reason: "full" | "refused" | "expired") => void;
}

/** How a message is stored: its changes by their numbers. */
type StoredMessage = {
  readonly id: string;
  readonly changes: readonly number[];
  readonly lost: number;
  readonly left: readonly string[] | null;
};

/** Keys of the sink's state: messages by their number, and how many changes were lost that nobody was told of. */
const MESSAGE = "m/";
const LOST = "lost";

/**
 * What is owed: changes that wait, in order, and the messages made of them. A message is made when the way is free, so that an outage at the
 * far end gathers what happens meanwhile. Everything is in the sink's state; nothing leaves it before it was told, or given up.
 */
export class Outbox implements Owed {
  readonly #parts: OutboxParts;
  readonly #queue: ChangeQueue;
  readonly #messages = new Map<number, OwedMessage>();
  readonly #unheard: Unheard;
  /** Changes and messages are numbered together. */
  #next: number;
  #lost = 0;

  /** @param stored the sink's state as it was saved */
  constructor(parts: OutboxParts, stored: ReadonlyArray<readonly [key: string, value: Json]>) {
    this.#parts = parts;
    this.#unheard = new Unheard(parts.save, stored);
    this.#queue = new ChangeQueue(parts.save, stored);
    this.#next = this.#queue.last + 1;
    for (const [key, value] of stored)
      if (key.startsWith(MESSAGE)) this.#restore(numberOf(key), value as StoredMessage);
      else if (key === LOST) this.#lost = value as number;
    // The target may be another one since, which takes fewer.
    for (const message of this.#messages.values())
      if (message.left === null && message.changes.length > parts.most) this.#takeOut(message, () => true);
  }

  get hasRoom(): boolean {
    return this.#queue.size < this.#parts.capacity;
  }

  /** How many changes are not told yet. */
  get size(): number {
    return this.#queue.size;
  }

  /**
   * The messages on their way, oldest first; but those of which everything is silenced now, which wait as they are, and those that would
   * overtake an older one about the same subject.
   */
  get messages(): readonly OwedMessage[] {
    const untold = new Set<string>();
    return [...this.#messages.values()]
      .sort((a, b) => a.first - b.first)
      .filter(({ keys, changes, left }) => {
        const overtakes = untold.size > 0 && !keys.isDisjointFrom(untold);
        if (left === null) for (const key of keys) untold.add(key);
        return !overtakes && !changes.every((change) => this.#parts.silences.of(change));
      });
  }

  /** The numbers of all messages, also of those that have to wait. */
  get underway(): ReadonlySet<number> {
    return new Set(this.#messages.keys());
  }

  /** A message as it is now; undefined where nothing is left of it. */
  find(number: number): OwedMessage | undefined {
    return this.#messages.get(number);
  }

  owes(key: string): boolean {
    return this.#queue.has(key);
  }

  forgo(key: string, episode: string): boolean {
    const its = this.#queue.all().filter((one) => one.key === key && one.change.episode === episode);
    const isUnsaid = its.every(({ message }) => message === undefined);
    if (!isUnsaid || !its.some(({ change }) => change.kind === "down")) return false;
    for (const queued of its) this.#queue.remove(queued);
    return true;
  }

  /** The subjects whose DOWN was refused: from now on it is as if nobody had been owed it. */
  retryUnheard(): readonly string[] {
    const keys = [...this.#unheard.keys].filter((key) => !this.owes(key));
    for (const key of keys) this.#unheard.forget(key);
    return keys;
  }

  push(change: Change): void {
    this.#queue.push(this.#next++, change);
    this.#dropUnheardOf(subjectKey(change));
  }

  withdraw(key: string, episode: string): void {
    this.#unheard.forget(key);
    if (!this.#queue.has(key)) return;
    for (const message of this.#messages.values())
      if (message.left === null && message.keys.has(key))
        this.#takeOut(message, (change) => change.episode === episode && subjectKey(change) === key);
    for (const queued of this.#queue.all())
      if (queued.key === key && queued.change.episode === episode && queued.message === undefined)
        this.#queue.remove(queued);
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
    const first = this.#waiting()[0];
    if (!first) return Number.POSITIVE_INFINITY;
    const { at } = first.change;
    // Where the clock was set back nobody knows how long it has waited.
    return at > now ? 0 : Math.max(0, at + this.#parts.groupWait - now);
  }

  /** Makes a message of the changes that wait, the oldest first; undefined where none does. To be saved before it is told. */
  make(): OwedMessage | undefined {
    const taken = this.#waiting().slice(0, this.#parts.most);
    if (taken.length === 0) return undefined;
    const message = owedMessage(this.#next++, taken, this.#lost);
    for (const queued of taken) queued.message = message.number;
    this.#replace(message);
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

  /** Makes two messages of one, which has more than one change and is to be told to everybody. */
  halve(message: OwedMessage): readonly [OwedMessage, OwedMessage] {
    const { number, lost } = message;
    const all = this.#queue.of(number);
    const half = Math.ceil(all.length / 2);
    const earlier = owedMessage(number, all.slice(0, half), lost);
    const later = owedMessage(this.#next++, all.slice(half), 0);
    for (const queued of all.slice(half)) queued.message = later.number;
    this.#replace(earlier);
    this.#replace(later);
    return [earlier, later];
  }

  /** It is refused, and will never be told; to those, at least, who are left. */
  giveUp(message: OwedMessage): void {
    this.#lose(message, message.changes, "refused");
  }

  /**
   * Gives up what was tried for too long and is over: a message keeps what still stands.
   * @param isOld by the time, in milliseconds since the epoch, of the last that is owed about an episode
   * @returns what was given up
   */
  expire(message: OwedMessage, isOld: (at: number) => boolean): readonly Change[] {
    const { changes, left } = message;
    const last = new Map<string, number>();
    for (const { change } of this.#queue.all()) last.set(change.episode, change.at);
    const expired = changes.filter(
      (change) => isOld(last.get(change.episode) ?? change.at) && !this.#parts.stands(change),
    );
    // Who has not got a message that others have, gets all of it or nothing.
    if (expired.length === 0 || (left !== null && expired.length < changes.length)) return [];
    this.#lose(message, expired, "expired");
    return expired;
  }

  /** Changes that no message tells yet, but those that are silenced now, and those that would overtake another of the same subject. */
  #waiting(): readonly Queued[] {
    const all = this.#queue.all();
    const held = new Set<string>();
    for (const { key, message } of all)
      if (message !== undefined && this.#messages.get(message)?.left === null) held.add(key);
    return all.filter(
      ({ change, key, message }) =>
        message === undefined && !held.has(key) && !this.#parts.silences.of(change),
    );
  }

  /** Lets changes of a message wait again; a message that has no others is none any more. */
  #takeOut(message: OwedMessage, isOut: (change: Change) => boolean): void {
    const out = new Set(message.changes.filter(isOut));
    if (out.size === 0) return;
    for (const queued of this.#queue.of(message.number))
      if (out.has(queued.change)) queued.message = undefined;
    if (out.size < message.changes.length) {
      this.#replace(
        withChanges(
          message,
          message.changes.filter((change) => !out.has(change)),
        ),
      );
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
    const next = this.#queue.all().find((queued) => queued.key === key);
    if (next?.change.kind !== "recovered") return;
    const message = next.message === undefined ? undefined : this.#messages.get(next.message);
    if (message) this.#takeOut(message, (change) => change === next.change);
    this.#queue.remove(next);
    this.#unheard.forget(key);
  }

  /** Changes of a message will never be told. */
  #lose(message: OwedMessage, lost: readonly Change[], reason: "refused" | "expired"): void {
    const gone = new Set(lost);
    const changes = message.changes.filter((change) => !gone.has(change));
    if (changes.length === 0) this.#discard(message);
    else {
      for (const queued of this.#queue.of(message.number))
        if (gone.has(queued.change)) this.#queue.remove(queued);
      this.#replace(withChanges(message, changes));
    }
    // What only some never had is not lost.
    if (message.left !== null) return;
    // What it had to say of others is still to be said.
    if (changes.length === 0 && message.lost > 0) this.#owe(message.lost);
    this.lose(lost.length, reason);
    this.#unheard.givenUp(lost);
    for (const change of lost) this.#dropUnheardOf(subjectKey(change));
  }

  #discard({ number }: OwedMessage): void {
    for (const queued of this.#queue.of(number)) this.#queue.remove(queued);
    this.#messages.delete(number);
    this.#parts.save(numberKey(MESSAGE, number), null);
  }

  /** So many lost changes are still to be said. */
  #owe(lost: number): void {
    this.#lost += lost;
    this.#parts.save(LOST, this.#lost);
  }

  #replace(message: OwedMessage): void {
    const { id, number, lost, left } = message;
    this.#messages.set(number, message);
    const changes = this.#queue.of(number).map((queued) => queued.number);
    this.#parts.save(numberKey(MESSAGE, number), { id, changes, lost, left });
  }

  #restore(number: number, { id, changes, lost, left }: StoredMessage): void {
    const its = changes.flatMap((one) => this.#queue.get(one) ?? []);
    for (const queued of its) queued.message = number;
    this.#messages.set(number, { ...owedMessage(number, its, lost), id, left });
    this.#next = Math.max(this.#next, number + 1);
  }
}
