import type { Clock, LifeguardError } from "../../plugin/index.ts";
import type { Change } from "./change.ts";
import type { GroupWriter } from "./group-writer.ts";
import type { Pending } from "./pending.ts";
import { SliceBuilder } from "./slice-builder.ts";
import type { Footprint } from "./store.ts";
import { SubjectChanges } from "./subject-changes.ts";

/** A group of so many events does not wait for more. */
const GROUP_EVENTS = 1000;
/** A group takes no further append beyond so many bytes. */
const GROUP_BYTES = 8 * 1024 * 1024;
/** Back-off of a failing commit, in milliseconds. */
const RETRY_INITIAL = 100;
const RETRY_MAX = 5000;

/** What the group commit needs of the journal. */
export interface GroupCommitOptions {
  readonly writer: GroupWriter;
  readonly clock: Clock;
  onCommitted(group: readonly Pending[], footprint: Footprint): void;
  /** Called when commits begin to fail, fail for another reason, or succeed again (null). */
  onFailing(reason: string | null): void;
}

interface Group {
  readonly members: Pending[];
  events: number;
  bytes: number;
  /** When it began, on the real clock: what it measures is the patience of a disk. */
  since: number;
}

/**
 * Joins appends to groups. While one group is being committed, the next one is prepared and sent ahead in slices, each a few milliseconds
 * of work. A failed group comes back whole and in front of everything, as often as it takes.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #writer: GroupWriter;
  readonly #subjects = new SubjectChanges();
  #waiting: Pending[] = [];
  /** Index of the first pending append, and of the first event of it that was not sent yet. */
  #next = 0;
  #offset = 0;
  #forming: Group = emptyGroup();
  #committing: Group | null = null;
  #failing: string | null = null;
  #retrying = false;
  #attempts = 0;
  #scheduled = false;
  #window: NodeJS.Timeout | undefined;
  readonly #ended = new AbortController();

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#writer = options.writer;
  }

  get failing(): string | null {
    return this.#failing;
  }

  /** Whether nothing waits or is under way. */
  get idle(): boolean {
    return (
      this.#next === this.#waiting.length && this.#forming.members.length === 0 && this.#committing === null
    );
  }

  append(change: Change): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ change, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Gives up what is not committed: its appends reject. */
  abandon(reason: LifeguardError): void {
    this.#ended.abort(reason);
    clearTimeout(this.#window);
    this.#takeBack();
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#retrying || this.#ended.signal.aborted) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#retrying && !this.#ended.signal.aborted) this.#turn();
    });
  }

  /** Prepares one slice of what waits. */
  #turn(): void {
    const builder = new SliceBuilder(this.#subjects);
    let pending = this.#takeNext();
    if (pending && this.#forming.members.length === 0 && this.#offset === 0)
      this.#forming.since = performance.now();
    while (pending && !builder.full) {
      if (isCleanUp(pending.change) && !builder.empty) break;
      this.#offset = builder.addEvents(pending.change, this.#offset);
      if (this.#offset < eventsOf(pending)) break;
      builder.addRest(pending.change);
      this.#offset = 0;
      this.#advance();
      this.#forming.members.push(pending);
      this.#forming.events += eventsOf(pending);
      pending = this.#takeNext();
    }
    if (!builder.empty) {
      this.#forming.bytes += builder.bytes;
      this.#writer.apply(builder.build());
    }
    if (this.#takeNext()) this.#schedule();
    this.#commitWhenDue();
  }

  /** The next append, if the group being formed has room for it. */
  #takeNext(): Pending | undefined {
    const pending = this.#waiting[this.#next];
    const { members, events, bytes } = this.#forming;
    if (!pending || this.#offset > 0 || members.length === 0) return pending;
    return events + eventsOf(pending) <= this.#writer.maxEvents && bytes < GROUP_BYTES ? pending : undefined;
  }

  #advance(): void {
    this.#next++;
    if (this.#next < 1024 && this.#next < this.#waiting.length) return;
    this.#waiting.splice(0, this.#next);
    this.#next = 0;
  }

  #commitWhenDue(): void {
    const group = this.#forming;
    if (this.#committing || this.#offset > 0 || group.members.length === 0) return;
    const rest = group.since + this.#writer.window - performance.now();
    clearTimeout(this.#window);
    if (group.events >= GROUP_EVENTS || group.bytes >= GROUP_BYTES || rest <= 0) this.#commit(group);
    else this.#window = setTimeout(() => this.#commitWhenDue(), rest);
  }

  #commit(group: Group): void {
    this.#committing = group;
    this.#forming = emptyGroup();
    this.#writer.commit(this.#options.clock.now()).then(
      (footprint) => this.#succeeded(group, footprint),
      (error: unknown) => this.#failed(error),
    );
    this.#schedule();
  }

  #succeeded(group: Group, footprint: Footprint): void {
    if (this.#ended.signal.aborted) return;
    this.#committing = null;
    this.#setFailing(null);
    this.#options.onCommitted(group.members, footprint);
    this.#schedule();
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#retrying = true;
    clearTimeout(this.#window);
    this.#takeBack();
    try {
      await this.#backOff(error);
    } catch {
      // The journal was closed meanwhile.
      return;
    }
    this.#retrying = false;
    this.#schedule();
  }

  /** Waits, longer each time, until the writer can be given everything again. */
  async #backOff(error: unknown): Promise<void> {
    for (let reason = error; ; ) {
      this.#setFailing(reason instanceof Error ? reason.message : String(reason));
      const wait = Math.min(RETRY_MAX, RETRY_INITIAL * 2 ** Math.min(this.#attempts++, 10));
      await this.#options.clock.sleep(wait, this.#ended.signal);
      try {
        return await this.#writer.reset();
      } catch (resetError) {
        reason = resetError;
      }
    }
  }

  /** Puts what was sent but not committed back in front, in order. The writer forgets it, and with it the subjects it was told of. */
  #takeBack(): void {
    this.#waiting = [
      ...(this.#committing?.members ?? []),
      ...this.#forming.members,
      ...this.#waiting.slice(this.#next),
    ];
    this.#next = 0;
    this.#offset = 0;
    this.#committing = null;
    this.#forming = emptyGroup();
    this.#subjects.reset();
  }

  #setFailing(reason: string | null): void {
    if (reason === null) this.#attempts = 0;
    if (reason === this.#failing) return;
    this.#failing = reason;
    this.#options.onFailing(reason);
  }
}

function emptyGroup(): Group {
  return { members: [], events: 0, bytes: 0, since: 0 };
}

function eventsOf({ change }: Pending): number {
  return change.events?.length ?? 0;
}

function isCleanUp({ forgotten, deletedDeadLetters }: Change): boolean {
  return forgotten !== undefined || deletedDeadLetters !== undefined;
}
