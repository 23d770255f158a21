import { describe, expect, it } from "vitest";
import type { Envelope } from "../../../../src/plugin/index.ts";
import type { BulkTransaction } from "../../../../src/sinks/database/store/bulk.ts";
import { Newcomers } from "../../../../src/sinks/database/store/newcomers.ts";
import { Script } from "./script.ts";

const TIME = Date.parse("2026-03-08T22:00:00Z");
const script = new Script();

function event(id: string, received = TIME): Envelope {
  const envelope = script.say({ at: received });
  return { ...envelope, event: { ...envelope.event, id } };
}

/** What a database with these ids takes of some parts, and which ids it was asked for. */
async function taken(
  parts: readonly (readonly (string | Envelope)[])[],
  {
    known = [],
    pruned = 0,
    written = 0,
  }: { known?: readonly string[]; pruned?: number; written?: number } = {},
) {
  const asked: string[] = [];
  const transaction: Pick<BulkTransaction, "known"> = {
    async known(ids) {
      asked.push(...ids);
      return new Set(ids.filter((id) => known.includes(id)));
    },
  };
  const lastId = known.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).at(-1) ?? null;
  const newcomers = new Newcomers(
    transaction as BulkTransaction,
    { id: 1, generation: 1, next: 1, rolled: 0, pruned, lastId },
    (seq) => seq <= written,
  );
  const ids: string[] = [];
  for (const part of parts) {
    const events = part.map((one) => (typeof one === "string" ? event(one) : one));
    ids.push(...(await newcomers.of(events)).map(({ id }) => id));
  }
  return { ids, asked, last: newcomers.last };
}

describe("the events of a batch that were never written", () => {
  it("are all of them where ids grow, and nobody is asked", async () => {
    expect(await taken([["c", "d"], ["e"]], { known: ["a", "b"] })).toEqual({
      ids: ["c", "d", "e"],
      asked: [],
      last: "e",
    });
    expect(await taken([["a", "b"]])).toEqual({ ids: ["a", "b"], asked: [], last: "b" });
    expect((await taken([])).last).toBeNull();
  });

  it("are each only once, in one part and in several, whatever the order", async () => {
    const { ids, asked } = await taken([["b", "b", "a"], ["a", "c", "b"], ["c"]]);
    expect(ids).toEqual(["b", "a", "c"]);
    expect(asked).toEqual(["a"]);
  });

  it("are not those that the database has", async () => {
    const { ids, asked } = await taken([["d", "b", "c", "e"]], { known: ["b", "d"] });
    expect(ids).toEqual(["c", "e"]);
    expect(asked).toEqual(["d", "b", "c"]);
  });

  it("are asked for where the order of ids is not that of their bytes", async () => {
    // In UTF-16 the second one comes before the first, in UTF-8 after it.
    const [before, after] = ["\uFF5E", "\u{1F9BA}"];
    const beyond = await taken([[after, "z"]], { known: [before] });
    expect(beyond).toEqual({ ids: [after, "z"], asked: [after, "z"], last: undefined });
    expect(await taken([[before, after]], { known: ["a", after] })).toMatchObject({ ids: [before] });
  });

  it("are none that were written and may have been deleted since, though nothing of them is left", async () => {
    const [early, late] = [event("a", TIME - 1), event("b", TIME)];
    const written = late.seq;
    expect((await taken([[early, late]], { pruned: TIME, written })).ids).toEqual(["b"]);
  });

  it("are all that the journal has beyond what was written, however old they are", async () => {
    const [early, late] = [event("a", TIME - 1), event("b", TIME - 2)];
    expect((await taken([[early, late]], { pruned: TIME, written: early.seq })).ids).toEqual(["b"]);
  });
});
