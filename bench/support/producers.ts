import { draft } from "./drafts.ts";
import type { BenchEngine } from "./engine.ts";

const CHUNK = 250;

/** As many sources as asked for take turns, each waiting until the journal holds its chunk, until so many events are accepted. */
export async function produce(
  { intake, source }: BenchEngine,
  events: number,
  producers: number,
): Promise<void> {
  let next = 0;
  const producer = async () => {
    while (next < events) {
      const first = next;
      next += CHUNK;
      await intake.accept(
        source,
        Array.from({ length: CHUNK }, (_, index) => draft(first + index)),
      );
    }
  };
  await Promise.all(Array.from({ length: producers }, producer));
}
