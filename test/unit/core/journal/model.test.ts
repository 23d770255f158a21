import { expect, test } from "vitest";
import type { Journal } from "../../../../src/core/journal/port.ts";
import type { Envelope, Json } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { fc } from "../../../support/property.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { envelopes, type OpenedJournal, open } from "./support.ts";

const MAX_AGE = 60_000;

/** The journal as an array: what any sequence of calls must leave. */
interface Model {
  events: Envelope[];
  oldest: number;
  readonly ownIds: Set<string>;
  readonly state: Map<string, Json>;
  cursor: number;
}

interface Real {
  readonly folder: string;
  readonly clock: FakeClock;
  opened: OpenedJournal;
}

type Command = fc.AsyncCommand<Model, Real>;

function there(model: Model): Envelope[] {
  return model.events.slice(model.oldest - 1);
}

/** Several appends at once, of which the model takes all. */
class Append implements Command {
  readonly #sizes: readonly number[];
  readonly #key: string;
  readonly #value: Json;
  constructor(sizes: readonly number[], key: string, value: Json) {
    this.#sizes = sizes;
    this.#key = key;
    this.#value = value;
  }
  check = () => true;
  async run(model: Model, { opened, clock }: Real): Promise<void> {
    const received = new Date(clock.now()).toISOString();
    await Promise.all(
      this.#sizes.map((size) => {
        const events = envelopes(model.events.length + 1, size, { received }).map((envelope) => ({
          ...envelope,
          change: envelope.seq % 7 === 0,
        }));
        const own = events.filter(({ seq }) => seq % 11 === 0).map(({ event }) => event.id);
        model.events.push(...events);
        for (const id of own) model.ownIds.add(id);
        return opened.journal.append({
          events,
          ownIds: own,
          state: [{ owner: "source/a", key: this.#key, value: this.#value }],
        });
      }),
    );
    if (this.#value === null) model.state.delete(this.#key);
    else model.state.set(this.#key, this.#value);
    compare(model, opened.journal);
  }
  toString = () => `append(${this.#sizes}; ${this.#key} = ${JSON.stringify(this.#value)})`;
}

class Read implements Command {
  readonly #place: number;
  readonly #limit: number;
  constructor(place: number, limit: number) {
    this.#place = place;
    this.#limit = limit;
  }
  check = () => true;
  async run(model: Model, { opened: { journal } }: Real): Promise<void> {
    const after = Math.floor(this.#place * (model.events.length + 1));
    const expected = there(model).filter(({ seq }) => seq > after);
    expect(journal.read(after, this.#limit, 1e9)).toEqual(expected.slice(0, this.#limit));
    const changes = there(model).filter(({ change }) => change);
    expect(journal.changes(this.#limit)).toEqual(changes.reverse().slice(0, this.#limit));
    const id = model.events[after]?.event.id ?? "none";
    expect(journal.has(id)).toBe(after + 1 >= model.oldest && model.ownIds.has(id));
  }
  toString = () => `read(${this.#place}, ${this.#limit})`;
}

/** The sink acknowledges a part of what it has not read. */
class Acknowledge implements Command {
  readonly #part: number;
  constructor(part: number) {
    this.#part = part;
  }
  check = () => true;
  async run(model: Model, { opened: { journal } }: Real): Promise<void> {
    model.cursor += Math.floor(this.#part * (model.events.length - model.cursor));
    await journal.append({ cursors: [place(model.cursor)] });
    compare(model, journal);
  }
  toString = () => `acknowledge(${this.#part})`;
}

/** Time passes, and what is old and read goes. */
class Wait implements Command {
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
  }
  check = () => true;
  async run(model: Model, { opened: { journal }, clock }: Real): Promise<void> {
    await clock.advance(this.#ms);
    const cutoff = new Date(clock.now() - MAX_AGE).toISOString();
    const young = model.events.findIndex(({ received }) => received >= cutoff);
    const aged = young < 0 ? model.events.length : young;
    // Retention looks every ten seconds: what it had to take by its last look is between these two.
    const most = Math.max(model.oldest, Math.min(aged, model.cursor, model.events.length - 1) + 1);
    if (this.#ms >= 20_000) {
      await clock.advance(10_000);
      await expect.poll(() => journal.oldest).toBeGreaterThanOrEqual(most);
    }
    model.oldest = journal.oldest;
    expect(model.oldest - 1).toBeLessThanOrEqual(Math.max(model.cursor, 0));
    compare(model, journal);
  }
  toString = () => `wait(${this.#ms})`;
}

class Reopen implements Command {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const { epoch, origin } = real.opened.journal;
    await real.opened.close();
    real.opened = await open(real.folder, { clock: real.clock, options: { maxAge: MAX_AGE } });
    expect(real.opened.journal).toMatchObject({ epoch, origin });
    model.oldest = Math.max(model.oldest, real.opened.journal.oldest);
    compare(model, real.opened.journal);
  }
  toString = () => "reopen";
}

function place(seq: number) {
  return { sink: "a", seq, base: 0, delivered: seq, filtered: 0, deadLettered: 0, dropped: 0 };
}

function compare(model: Model, journal: Journal): void {
  // Retention may have gone on meanwhile, but never past the sink's place.
  expect(journal.oldest).toBeGreaterThanOrEqual(model.oldest);
  expect(journal.oldest - 1).toBeLessThanOrEqual(model.cursor);
  model.oldest = journal.oldest;
  expect(journal.head).toBe(model.events.length);
  expect(new Map(journal.state("source/a", ""))).toEqual(model.state);
  expect(journal.cursor("a")).toEqual(place(model.cursor));
}

const commands = fc.commands(
  [
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 4 }),
        fc.constantFrom("k", "l"),
        fc.jsonValue(),
      )
      .map(([sizes, key, value]) => new Append(sizes.length > 0 ? sizes : [1], key, value as Json)),
    fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 3000 }))
      .map(([at, limit]) => new Read(at, limit)),
    fc.double({ min: 0, max: 1, noNaN: true }).map((part) => new Acknowledge(part)),
    fc.constantFrom(1000, 30_000, 90_000).map((ms) => new Wait(ms)),
    fc.constant(new Reopen()),
  ],
  { maxCommands: 20 },
);

test("any sequence of appends, reads, acknowledgements, pruning and reopening agrees with an array", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      using folder = temporaryFolder();
      const clock = new FakeClock();
      const opened = await open(folder.path, { clock, options: { maxAge: MAX_AGE } });
      await opened.journal.append({ cursors: [place(0)] });
      const real: Real = { folder: folder.path, clock, opened };
      const model: Model = { events: [], oldest: 1, ownIds: new Set(), state: new Map(), cursor: 0 };
      try {
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      } finally {
        await real.opened.close();
      }
    }),
    { numRuns: 12, interruptAfterTimeLimit: 10_000 },
  );
});
