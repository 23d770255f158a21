import type { Clock, Logger } from "../../plugin/index.ts";
import type { Change } from "./change.ts";
import type { Outbox } from "./outbox.ts";
import type { OwedMessage } from "./owed-message.ts";
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
/** The far end is fine and somebody has to correct the configuration: until then it is not asked often. Milliseconds. */
const CORRECTION_MS = 300_000;
/** How often a message and its halves are refused before the rest is given up: the one change that nobody takes must not cost the others. */
const MOST_REFUSALS = 64;

/** What a sender is made from. */
export interface SenderParts {
  readonly outbox: Outbox;
  readonly target: Target;
  readonly telling: TellingMaker;
  readonly pace: Pace;
  /** Milliseconds of trying in vain after which a change that is over is given up. */
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
  /** When it first failed, milliseconds since the epoch; infinity while it has not. */
  readonly since: number;
  /** On the monotonic clock. */
  readonly next: number;
  /** How many refusals there are left for all halves of what it was a part of. */
  readonly refusals: { left: number } | null;
}

const UNTRIED: Tries = { failures: 0, since: Number.POSITIVE_INFINITY, next: 0, refusals: null };

/** Works off the outbox: one message at a time, each until it is told or given up. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #tries = new Map<number, Tries>();
  /** Failures in a row, of whatever message, and when the first of them was, milliseconds since the epoch. */
  #fruitless = 0;
  #fruitlessSince = Number.POSITIVE_INFINITY;
  /** On the monotonic clock: the far end is left alone until then. */
  #resume = 0;
  /** Whether the log has that somebody has to correct something. */
  #warned = false;
  /** Whether a trouble is shown that is over when nothing is owed any more. */
  #waits = false;
  #working: Promise<void> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Begins to send, where something can be sent and nothing is being sent. */
  kick(): void {
    // What could not be told was withdrawn: there is nothing left to wait for.
    if (this.#waits && this.#parts.outbox.size === 0) this.#show(null);
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
    // Some may have been withdrawn.
    if (this.#tries.size > 0) {
      const { underway } = outbox;
      for (const number of this.#tries.keys()) if (!underway.has(number)) this.#tries.delete(number);
    }
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
    const { outbox, tally, target, log } = this.#parts;
    const except = outcome.kind === "refused" ? undefined : outcome.except;
    if (except !== undefined)
      log.error("a message was not told to everybody", { id: sent.id, reason: except });
    if (outcome.kind === "told") {
      this.#wayIsFree();
      tally.told(sent.changes);
      this.#tries.delete(sent.number);
      outbox.told(sent);
      // Others may still wait, for some of their recipients or alone.
      if (except !== undefined) this.#show(except);
      else if (outbox.messages.every(({ number }) => this.#triesOf(number).failures === 0)) this.#show(null);
      return;
    }
    tally.failed();
    // What it tells may have been withdrawn meanwhile, all or some of it.
    const message = outbox.find(sent.number);
    if (!message) return;
    if (outcome.kind === "refused") {
      // It was this message alone.
      this.#wayIsFree();
      this.#refused(message, outcome.reason);
      return;
    }
    if (outcome.left) {
      // Others have it: only this message waits.
      this.#wayIsFree();
      outbox.narrow(message, outcome.left);
    } else this.#leaveAlone(outcome.correctable ? CORRECTION_MS : (outcome.retryAfter ?? 0));
    this.#postpone(message);
    if (outcome.correctable && !this.#warned)
      log.warn(`nothing is told until somebody corrects this: ${target.name}: ${outcome.reason}`);
    else log.debug("a message could not be told", { id: message.id, reason: outcome.reason });
    this.#warned ||= outcome.correctable === true;
    this.#expire(message, outcome.reason);
    if (outcome.left || outcome.correctable || this.#fruitless >= SHOWN_FAILURES) {
      this.#show([outcome.reason, ...(except ? [except] : [])].join("; "));
      this.#waits = true;
    }
  }

  /** @param reason of a trouble; null: there is none */
  #show(reason: string | null): void {
    const { target, trouble } = this.#parts;
    this.#waits = false;
    trouble(reason === null ? null : `${target.name}: ${reason}`);
  }

  #wayIsFree(): void {
    this.#warned = false;
    this.#fruitless = 0;
    this.#fruitlessSince = Number.POSITIVE_INFINITY;
  }

  /** One change that is never taken must not cost the others in its message, nor a text that is too long all of them. */
  #refused(message: OwedMessage, reason: string): void {
    const { outbox, log, target } = this.#parts;
    const { refusals } = this.#triesOf(message.number);
    const budget = refusals ?? { left: MOST_REFUSALS };
    budget.left--;
    if (message.changes.length > 1 && message.left === null && budget.left > 0) {
      if (!refusals)
        log.warn(`a message was refused, and is told in parts: ${target.name}: ${reason}`, {
          id: message.id,
        });
      for (const { number } of outbox.halve(message))
        this.#tries.set(number, { ...UNTRIED, refusals: budget });
      return;
    }
    this.#tries.delete(message.number);
    outbox.giveUp(message);
    this.#logLoss(message.id, message.changes, reason);
    this.#show(`it refused a message, which is not tried again: ${reason}`);
  }

  /** Gives up what is over, and was tried in vain for too long. What still stands is told whenever the way is free again. */
  #expire(message: OwedMessage, reason: string): void {
    const { outbox, clock, keep } = this.#parts;
    const since = Math.min(this.#triesOf(message.number).since, this.#fruitlessSince);
    const now = clock.now();
    const expired = outbox.expire(message, (at) => now - Math.max(at, since) >= keep);
    if (!outbox.find(message.number)) this.#tries.delete(message.number);
    if (expired.length > 0) this.#logLoss(message.id, expired, reason);
  }

  /** The far end failed: it is left alone for a while, longer each time. */
  #leaveAlone(retryAfter: number): void {
    const { pace, clock, random } = this.#parts;
    this.#fruitless++;
    this.#fruitlessSince = Math.min(this.#fruitlessSince, clock.now());
    const wait = Math.max(pause(this.#fruitless, pace, random), Math.min(retryAfter, LONGEST_PAUSE_MS));
    this.#resume = clock.monotonic() + wait;
  }

  /** Once it has failed often a message waits longer than the far end is left alone: another one has its turn between two tries of it. */
  #postpone({ number }: OwedMessage): void {
    const { pace, clock, random } = this.#parts;
    const before = this.#triesOf(number);
    const failures = before.failures + 1;
    const from = Math.max(this.#resume, clock.monotonic());
    const alone = this.#fruitless > 0 && failures < OVERTAKEN_AFTER;
    this.#tries.set(number, {
      ...before,
      failures,
      since: Math.min(before.since, clock.now()),
      next: alone ? from : from + pause(failures, pace, random),
    });
  }

  #logLoss(id: string, changes: readonly Change[], reason: string): void {
    const { log, target } = this.#parts;
    log.error(`a message was given up: ${target.name} never took it`, {
      id,
      reason,
      changes: changes.slice(0, 20).map((one) => ({ id: one.id, subject: one.subject, kind: one.kind })),
    });
  }

  #triesOf(number: number): Tries {
    return this.#tries.get(number) ?? UNTRIED;
  }
}
