import { randomUUID } from "node:crypto";
import {
  compileFilter,
  compileStateFilter,
  type Json,
  type Sink,
  type SinkContext,
} from "../../plugin/index.ts";
import { Book } from "./book.ts";
import { isLasting, subjectKey } from "./change.ts";
import { Outbox } from "./outbox.ts";
import type { Pace } from "./pace.ts";
import { Reconciler } from "./reconciler.ts";
import { Sender } from "./sender.ts";
import { notifyTally } from "./tally.ts";
import type { Target } from "./target.ts";
import { TellingMaker } from "./telling.ts";

/** How a notify sink tells, milliseconds where it says how long. */
export interface NotifyOptions {
  readonly after: number;
  readonly repeat: number | undefined;
  readonly groupWait: number;
  readonly listed: number;
  /** In place of the one that the sink of the page says. */
  readonly pageUrl: string | undefined;
  readonly keep: number;
  readonly pace: Pace;
  /** Most changes that wait to be told. */
  readonly capacity: number;
}

/** Timers are set no longer than this, milliseconds: the clock that says what is due may be set meanwhile. */
const LONGEST_NAP_MS = 60_000;
/** A clean stop waits so long for the message under way, milliseconds: cut off, it would be told again. */
const LAST_WORD_MS = 10_000;

/**
 * Makes the sink: events go into the book, what the book owes into the outbox, and a sender works that off. Book and outbox live in the
 * sink's state, so that a start goes on where the last one ended.
 * @param target whoever is told
 */
export async function notifySink(
  options: NotifyOptions,
  target: Target,
  ctx: SinkContext,
  random: () => number = Math.random,
): Promise<Sink> {
  const { state, clock, board, silences, log } = ctx;
  const stored = await state.entries();
  const tally = notifyTally(ctx.metrics);
  let unsaved = false;
  const save = (key: string, value: Json) => {
    unsaved = true;
    state.set(key, value);
  };
  const flush = async () => {
    unsaved = false;
    await state.flush();
  };
  const telling = new TellingMaker({
    title: ctx.title,
    pageUrl: () => options.pageUrl ?? ctx.pageUrl,
    listed: options.listed,
    board,
  });
  const outbox = new Outbox(
    {
      groupWait: options.groupWait,
      most: target.most,
      capacity: options.capacity,
      silences,
      stands: (change) => isLasting(change) && book.open.get(subjectKey(change))?.episode === change.episode,
      save,
      onLost: (count, reason) => {
        tally.lost(count, reason);
        if (reason === "full") log.warn("an episode ended untold: too much waits to be told", { count });
      },
    },
    stored,
  );
  const { after, repeat } = options;
  const book = new Book(
    {
      after,
      repeat,
      board,
      follows: compileStateFilter(ctx.from),
      closes: target.closes,
      silences,
      owed: outbox,
      onUntold: (reason) => tally.untold(reason),
      save,
    },
    stored,
  );
  // A message was refused, and somebody may have corrected since what was wrong with it.
  for (const key of outbox.retryUnheard()) book.untell(key);
  const passes = compileFilter(ctx.from);
  const reconciler = new Reconciler({
    book,
    board,
    wants: (event) => passes({ event, change: true }),
    position: ctx.position,
    clock,
  });
  let cancel = () => {};
  let closed = false;
  /** Does what is due now, and sets the timer for what is due next. */
  const act = (): void => {
    cancel();
    if (closed) return;
    const now = clock.now();
    const look = reconciler.look(now);
    const due = book.tick(now) - now;
    sender.kick();
    tally.owed(outbox.size);
    const nap = Math.min(look, due, sender.dueIn(), LONGEST_NAP_MS);
    cancel = clock.setTimeout(wake, Math.max(0, nap), ctx.signal);
  };
  const wake = (): void => {
    act();
    if (unsaved && !closed) flush().catch((error) => log.warn("what is owed was not saved", { error }));
  };
  const sender = new Sender({
    outbox,
    target,
    telling,
    pace: options.pace,
    keep: options.keep,
    clock,
    log,
    tally,
    flush,
    trouble: (message) => ctx.trouble(message),
    onProgress: wake,
    random,
  });
  const subscription = silences.changes.subscribe(wake);
  wake();
  return {
    async write(batch) {
      reconciler.wrote();
      book.apply(batch, clock.now());
      act();
      // It is saved with the cursor of this batch.
      unsaved = false;
    },
    async test(signal) {
      const time = new Date(clock.now()).toISOString();
      const id = randomUUID();
      const outcome = await target.tell(telling.test(id, time, ctx.origin), null, signal);
      signal.throwIfAborted();
      if (outcome.kind !== "told") throw new Error(`${target.name}: ${outcome.reason}`);
      return `a test message was told to ${target.name}; its id is ${id}`;
    },
    async close() {
      closed = true;
      cancel();
      subscription.unsubscribe();
      const deadline = new AbortController();
      const release = clock.setTimeout(() => deadline.abort(), LAST_WORD_MS);
      await sender.close(AbortSignal.any([deadline.signal, ctx.signal]));
      release();
      target.close();
    },
  };
}
