import { LiveBoard } from "../../../../src/core/board.ts";
import { Bus } from "../../../../src/core/bus.ts";
import { Recent } from "../../../../src/core/recent.ts";
import { Published } from "../../../../src/core/streams/published.ts";
import { openStreams } from "../../../../src/core/streams.ts";
import type { Envelope, Event } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { envelope } from "../intake/envelopes.ts";
import { MemoryJournal } from "../intake/memory-journal.ts";

/** Journal, bus, board, ring and streams put together as core does. */
export function streamHarness({ ring = 1000 } = {}) {
  const journal = new MemoryJournal();
  const bus = new Bus({
    onError: (_name, error) => {
      throw error;
    },
  });
  const recent = new Recent({ capacity: ring, head: 0 });
  const board = new LiveBoard({ journal, recent, clock: new FakeClock() });
  bus.subscribeGroups("board", (group) => board.apply(group));
  bus.subscribeGroups("recent", (group) => recent.push(group));
  const reads = { journal: 0 };
  const counted = {
    get oldest() {
      return journal.oldest;
    },
    read: (after: number, limit: number, maxBytes: number) => {
      reads.journal++;
      return journal.read(after, limit, maxBytes);
    },
  };
  const published = new Published({ journal: counted, recent, bus });
  const life = new AbortController();
  const open = openStreams({ journal, published, board, signal: life.signal });
  let seq = 0;
  /** Commits and publishes one group. */
  const emit = (...events: Partial<Event>[]) => {
    const group: Envelope[] = events.map((event) => envelope(++seq, event));
    void journal.append({ events: group });
    bus.publish(group);
  };
  const emitMany = (count: number, event: Partial<Event> = {}) =>
    emit(...Array.from({ length: count }, () => event));
  return { journal, bus, recent, board, published, life, open, emit, emitMany, reads };
}
