import { expect, it } from "vitest";
import type { Pending } from "../../../../src/core/journal/pending.ts";
import { Publication } from "../../../../src/core/journal/publication.ts";
import { envelopes } from "./support.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("tells of a large group in portions, in order, so that others have their turn; an append is answered after its events", async () => {
  const told: number[] = [];
  const answers: number[] = [];
  const publication = new Publication(
    0,
    (group) => told.push(...group.map(({ seq }) => seq)),
    () => {},
  );
  const pendings = Array.from(
    { length: 5 },
    (_, index) =>
      ({
        change: { events: envelopes(index * 1000 + 1, 1000) },
        resolve: () => answers.push(told.length),
        reject: () => {},
      }) as unknown as Pending,
  );
  publication.publish(pendings);
  const portions = [told.length];
  while (!publication.idle) {
    await turn();
    portions.push(told.length);
  }
  expect(portions).toEqual([1000, 2000, 3000, 4000, 5000]);
  expect(told).toEqual(told.map((_, index) => index + 1));
  expect(answers).toEqual([1000, 2000, 3000, 4000, 5000]);
});
