import { describe, expect, test } from "vitest";
import { PermanentError, RetryableError } from "../../../../src/plugin/index.ts";
import type { Behaviour } from "../../../../src/testkit/capture-sink.ts";
import { fc } from "../../../support/property.ts";
import { balanced, MemoryJournal, Rig } from "./rig.ts";

/** What a sink does with one batch, drawn by chance; `pick` chooses the subset it names. */
type Answer = "take" | "retryable" | "some" | "permanent" | "broken";

const MODES: Record<string, readonly Answer[]> = {
  "always succeeds": ["take"],
  "fails at random, to be retried": ["take", "retryable", "some", "broken"],
  "refuses at random, for good": ["take", "permanent"],
  "does all of it": ["take", "retryable", "some", "permanent", "broken"],
};

/** Odd subjects match; the others are filtered. */
const from = { subjects: ["test/wanted"] };
const wanted = (seq: number) => seq % 3 !== 0;

interface Step {
  readonly accept: number;
  readonly wait: number;
  readonly next: "go on" | "restart" | "stop and start" | "crash";
}

function behaviour(answers: readonly Answer[], bits: () => number): Behaviour {
  return (batch) => {
    const answer = answers[bits() % answers.length];
    const subset = batch.filter(() => bits() % 2 === 0).map(({ event }) => event.id);
    if (answer === "retryable") throw new RetryableError("later");
    if (answer === "some") throw new RetryableError("later", { delivered: subset });
    if (answer === "broken") throw new Error("broken");
    if (answer === "permanent" && subset.length > 0) throw new PermanentError("never", { refused: subset });
  };
}

/** A journal as a crash leaves it: what was committed, and nothing that only memory knew. */
function survivor(journal: MemoryJournal): MemoryJournal {
  const copy = Object.assign(new MemoryJournal(), { oldest: journal.oldest });
  copy.events.push(...journal.events);
  for (const [sink, cursor] of journal.stored) copy.stored.set(sink, cursor);
  copy.letters.push(...journal.letters);
  return copy;
}

const steps = fc.array(
  fc.record<Step>({
    accept: fc.nat(12),
    wait: fc.constantFrom(0, 1, 60, 700, 5000),
    next: fc.constantFrom("go on", "go on", "restart", "stop and start", "crash"),
  }),
  { minLength: 1, maxLength: 12 },
);

describe.each(Object.entries(MODES))("a durable sink that %s", (_, answers) => {
  test("gets every event once or more, in order, and the books balance at every step", async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat(1_000_000)),
        fc.integer({ min: 1, max: 7 }),
        async (script, chance, maxEvents) => {
          const bits = () => chance.next().value as number;
          const options = {
            from,
            delivery: { batch: { maxEvents, maxWait: 50 }, retry: { initial: 500, max: 2000 } },
          };
          let rig = await Rig.start(options);
          rig.sink.behave(behaviour(answers, bits));
          const taken: number[] = [];
          let allowed = new Set<number>();
          const follow = () => {
            expect(rig.sink.breaches).toEqual([]);
            for (const batch of rig.sink.offered)
              for (const [i, { seq }] of batch.entries())
                if (i > 0) expect(seq).toBeGreaterThan(batch[i - 1]?.seq as number);
            balanced(rig.delivery, rig.journal.head);
          };
          const collect = () => taken.push(...rig.sink.delivered.map(({ seq }) => seq));
          for (const { accept, wait, next } of script) {
            rig.journal.add(accept, (seq) => ({ subject: wanted(seq) ? "test/wanted" : "test/other" }));
            await rig.clock.advance(wait);
            follow();
            if (next === "restart") {
              // A restart takes no more than a second of the clock, which the test has to move.
              const restarted = rig.supervisor.restart(rig.id, "test");
              await rig.clock.advance(2000);
              await restarted;
              rig.sink.behave(behaviour(answers, bits));
            } else if (next !== "go on") {
              const old = rig;
              if (next === "stop and start") {
                const stopped = old.stop();
                await old.clock.advance(0);
                old.deadline.abort();
                await old.clock.advance(2000);
                await stopped;
                follow();
              } else old.journal.fillDisk();
              collect();
              const journal = survivor(old.journal);
              // What was delivered and not yet saved may come again: nothing before the saved cursor may.
              allowed = new Set([
                ...allowed,
                ...taken.filter((seq) => seq > (journal.cursor("out")?.seq ?? 0)),
              ]);
              rig = await Rig.start({ ...options, journal });
              rig.sink.behave(behaviour(answers, bits));
            }
            follow();
          }
          rig.sink.behave(() => {});
          await rig.drained();
          await rig.clock.advance(1000);
          follow();
          collect();

          const { journal } = rig;
          const all = journal.events.map(({ seq }) => seq).filter(wanted);
          const dead = journal.letters.map(({ envelope }) => envelope.seq);
          expect(new Set([...taken, ...dead])).toEqual(new Set(all));
          const twice = taken.filter((seq, i) => taken.indexOf(seq) !== i);
          expect(twice.filter((seq) => !allowed.has(seq))).toEqual([]);
          expect(new Set(dead).size).toBe(dead.length);
          expect(rig.delivery.books).toMatchObject({ unread: 0, deadLettered: dead.length });
          expect(journal.cursor("out")).toMatchObject({ seq: journal.head, deadLettered: dead.length });
          expect(rig.delivery.books.filtered).toBe(journal.head - all.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("order: no event is offered while an earlier one that it is not named beside is still to come", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), fc.nat(40), async (chance, count) => {
      const rig = await Rig.start({ delivery: { batch: { maxEvents: 4, maxWait: 10 } } });
      rig.sink.behave(
        behaviour(["take", "retryable", "some", "permanent"], () => chance.next().value as number),
      );
      rig.journal.add(count);
      await rig.drained();
      let done = 0;
      for (const batch of rig.sink.offered) {
        expect(batch[0]?.seq).toBeGreaterThan(done);
        // A batch stays within four consecutive events until all of them are dealt with.
        const window = Math.floor(((batch[0]?.seq ?? 1) - 1) / 4);
        for (const { seq } of batch) expect(Math.floor((seq - 1) / 4)).toBe(window);
        done = window * 4;
      }
    }),
    { numRuns: 50 },
  );
});
