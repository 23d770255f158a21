import type { Clock, Logger } from "../../plugin/index.ts";
import type { Outbox, OwedMessage } from "./outbox.ts";
import { type Pace, pause } from "./pace.ts";
import type { Tally } from "./tally.ts";
import type { Outcome, Target } from "./target.ts";
import type { TellingMaker } from "./telling.ts";

/** Most messages on their way: one that fails again and again must not hold up the others, and an outage must not make many. */
const MOST_MESSAGES = 4;
/** Most with those that only some of their recipients still wait for. */
const MOST_IN_ALL = 100;
/** After so many failures a message is overtaken by the next one. */
const OVERTAKEN_AFTER = 3;
/** One failure alone is not shown as a trouble: it mostly passes with the next try. */
const SHOWN_FAILURES = 2;
/** Nobody can ask for a longer pause, milliseconds. */
const LONGEST_PAUSE_MS = 3_600_000;

/** What a sender is made from. */
export interface SenderParts {
  readonly outbox: Outbox;
  readonly target: Target;
  readonly telling: TellingMaker;
  readonly pace: Pace;
  /** Milliseconds after which a change that could not be told is given up. */
  readonly keep: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tally: Tally;
  /** Brings what was staged to disk. */
  readonly flush: () => Promise<void>;
  readonly trouble: (message: string | null) => void;
  /** Called when it is worth to look again: something was told or given up. */
  readonly onProgress: () => void;
  readonly random: () => number;
}

interface Tries {
  readonly failures: number;
  /** On the monotonic clock. */
  readonly next: number;
}

/** Works off the outbox: one message at a time, each until it is told or given up. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #tries = new Map<number, Tries>();
  /** Failures in a row, of whatever message. */
  #fruitless = 0;
  /** On the monotonic clock: the far end is left alone until then. */
  #resume = 0;
  #working: Promise<void> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Begins to send, where something can be sent and nothing is being sent. */
  kick(): void {
    if (this.#working || this.#stop.signal.aborted || this.dueIn() > 0) return;
    this.#working = this.#work()
      .catch((error) => {
        this.#parts.log.error("telling failed in an unforeseen way", { error });
        this.#leaveAlone(0);
      })
      .finally(() => {
        this.#working = undefined;
        if (!this.#stop.signal.aborted) this.#parts.onProgress();
      });
  }

  /** Milliseconds until something can be sent: 0 for now, infinity while nothing waits. */
  dueIn(): number {
    if (this.#working) return Number.POSITIVE_INFINITY;
    const { outbox, clock } = this.#parts;
    const now = clock.monotonic();
    const waits = outbox.messages.map(({ number }) => this.#triesOf(number).next - now);
    if (this.#mayMake()) waits.push(outbox.ripeIn(clock.now()));
    return waits.length === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(0, this.#resume - now, Math.min(...waits));
  }

  /**
   * Sends nothing more. What is under way may end by itself until the signal aborts: cut off, nobody knows whether it was told, and it is
   * told again after the next start.
   */
  async close(deadline: AbortSignal): Promise<void> {
    this.#stop.abort();
    const cut = () => this.#cut.abort();
    if (deadline.aborted) cut();
    else deadline.addEventListener("abort", cut, { once: true, signal: this.#cut.signal });
    await this.#working;
    this.#cut.abort();
  }

  async #work(): Promise<void> {
    const { target, telling, flush } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const message = this.#pick();
      if (!message) return;
      // Before it leaves, the message is on disk under its id: after a crash it is this message that is told again, if at all.
      await flush();
      if (this.#stop.signal.aborted) return;
      // While it was being saved, what it tells may have been silenced or withdrawn.
      if (this.#pick() !== message) continue;
      const outcome = await target.tell(telling.of(message), message.left, this.#cut.signal);
      if (this.#cut.signal.aborted && outcome.kind !== "told") return;
      this.#settle(message, outcome);
      await flush();
    }
  }

  #pick(): OwedMessage | undefined {
    const { outbox, clock } = this.#parts;
    const now = clock.monotonic();
    if (this.#resume > now) return undefined;
    outbox.withhold();
    const due = outbox.messages.find(({ number }) => this.#triesOf(number).next <= now);
    if (due) return due;
    return this.#mayMake() && outbox.ripeIn(clock.now()) <= 0 ? outbox.make() : undefined;
  }

  #mayMake(): boolean {
    const { messages } = this.#parts.outbox;
    const untold = messages.filter(({ left }) => left === null);
    return (
      messages.length < MOST_IN_ALL &&
      untold.length < MOST_MESSAGES &&
      untold.every(({ number }) => this.#triesOf(number).failures >= OVERTAKEN_AFTER)
    );
  }

  #settle(sent: OwedMessage, outcome: Outcome): void {
    const { outbox, tally, trouble, target, log } = this.#parts;
    if (outcome.kind === "told") {
      this.#fruitless = 0;
      tally.told(sent.changes);
      if (outcome.except !== undefined)
        log.error("a message was not told to everybody", { id: sent.id, reason: outcome.except });
      trouble(outcome.except === undefined ? null : `${target.name}: ${outcome.except}`);
      this.#tries.delete(sent.number);
      outbox.told(sent);
      return;
    }
    tally.failed();
    // What it tells may have been withdrawn meanwhile, all or some of it.
    const message = outbox.find(sent.number);
    if (!message) return;
    if (outcome.kind === "refused") {
      // The way is free: it was this message alone.
      this.#fruitless = 0;
      this.#giveUp(message, "refused", outcome.reason);
      trouble(`${target.name} refused a message, which is not tried again: ${outcome.reason}`);
      return;
    }
    if (outcome.left) {
      // Others have it, so the way is free: only this message waits.
      this.#fruitless = 0;
      outbox.narrow(message, outcome.left);
    } else this.#leaveAlone(outcome.retryAfter ?? 0);
    this.#postpone(message);
    const { clock, keep } = this.#parts;
    if (clock.now() - oldest(message) >= keep) this.#giveUp(message, "expired", outcome.reason);
    else log.debug("a message could not be told", { id: message.id, reason: outcome.reason });
    if (outcome.left || this.#fruitless >= SHOWN_FAILURES) trouble(`${target.name}: ${outcome.reason}`);
  }

  /** The far end failed: it is left alone for a while, longer each time. */
  #leaveAlone(retryAfter: number): void {
    const { pace, clock, random } = this.#parts;
    this.#fruitless++;
    const wait = Math.max(pause(this.#fruitless, pace, random), Math.min(retryAfter, LONGEST_PAUSE_MS));
    this.#resume = clock.monotonic() + wait;
  }

  /** Once it has failed often a message waits longer than the far end is left alone: another one has its turn between two tries of it. */
  #postpone({ number }: OwedMessage): void {
    const { pace, clock, random } = this.#parts;
    const failures = this.#triesOf(number).failures + 1;
    const from = Math.max(this.#resume, clock.monotonic());
    const alone = this.#fruitless > 0 && failures < OVERTAKEN_AFTER;
    this.#tries.set(number, { failures, next: alone ? from : from + pause(failures, pace, random) });
  }

  #giveUp(message: OwedMessage, reason: "refused" | "expired", why: string): void {
    const { outbox, log, target } = this.#parts;
    this.#tries.delete(message.number);
    outbox.giveUp(message, reason);
    log.error(`a message was given up: ${target.name} never took it`, {
      id: message.id,
      reason: why,
      changes: message.changes.slice(0, 20).map(({ id, subject, kind }) => ({ id, subject, kind })),
    });
  }

  #triesOf(number: number): Tries {
    return this.#tries.get(number) ?? { failures: 0, next: 0 };
  }
}

function oldest({ changes }: OwedMessage): number {
  return Math.min(...changes.map(({ at }) => at));
}
