import { LifeguardError } from "../../plugin/index.ts";
import type { DeadLetter, Journal } from "../journal/port.ts";
import type { Delivery } from "./delivery.ts";

/** A dead letter with the number by which commands name it. */
export type NumberedDeadLetter = DeadLetter & { readonly id: number };

/** What a replay did. */
export interface Replayed {
  /** Now accepted, and deleted. */
  readonly accepted: number;
  /** Refused again, and kept. */
  readonly refused: number;
  /** Not tried, or failed in a way that may pass; kept. */
  readonly left: number;
  /** What the sink said last; null when it took everything. */
  readonly reason: string | null;
}

/** What operators do with dead letters; the control socket calls it. */
export class DeadLetters {
  readonly #journal: Journal;
  readonly #deliveryOf: (sink: string) => Delivery | undefined;
  readonly #batchOf: (sink: string) => number;

  /**
   * @param deliveryOf the delivery of a configured sink
   * @param batchOf its largest batch, in events
   */
  constructor(
    journal: Journal,
    deliveryOf: (sink: string) => Delivery | undefined,
    batchOf: (sink: string) => number,
  ) {
    this.#journal = journal;
    this.#deliveryOf = deliveryOf;
    this.#batchOf = batchOf;
  }

  /** The dead letters of a sink, oldest first. Also of one that is not configured any more. */
  list(sink: string, limit: number): readonly NumberedDeadLetter[] {
    return this.#journal.deadLetters(sink, limit);
  }

  /**
   * Writes dead letters again through the running sink, in order. Those it accepts are deleted, the others stay.
   * @param ids which; absent: all
   * @throws LifeguardError `SINK_UNKNOWN`, `SINK_DOWN`
   */
  async replay(sink: string, ids?: readonly number[], signal?: AbortSignal): Promise<Replayed> {
    const delivery = this.#deliveryOf(sink);
    if (!delivery) throw new LifeguardError("SINK_UNKNOWN", `there is no sink "${sink}" that delivers`);
    const letters = this.#select(sink, ids);
    const size = Math.max(1, this.#batchOf(sink));
    const total = { accepted: 0, refused: 0, reason: null as string | null };
    for (let from = 0; from < letters.length && !signal?.aborted; from += size) {
      const batch = await this.#replayBatch(delivery, letters.slice(from, from + size));
      total.accepted += batch.accepted;
      total.refused += batch.refused;
      total.reason = batch.reason ?? total.reason;
      // What may pass is not tried on with the rest of the letters: the operator sees the reason and comes back.
      if (batch.failed) break;
    }
    return { ...total, left: letters.length - total.accepted - total.refused };
  }

  /** Deletes dead letters for good. Returns how many. */
  async drop(sink: string, ids?: readonly number[]): Promise<number> {
    const letters = this.#select(sink, ids);
    await this.#delete(letters, this.#deliveryOf(sink));
    return letters.length;
  }

  async #replayBatch(
    delivery: Delivery,
    letters: readonly NumberedDeadLetter[],
  ): Promise<{ accepted: number; refused: number; failed: boolean; reason: string | null }> {
    let left = letters;
    let refused = 0;
    let reason: string | null = null;
    while (left.length > 0) {
      const outcome = await delivery.write(left.map(({ envelope }) => envelope));
      if (outcome.kind === "delivered") {
        await this.#delete(left, delivery);
        return { accepted: letters.length - refused, refused, failed: false, reason };
      }
      reason = outcome.reason;
      if (outcome.kind === "refused") {
        const named = outcome.refused;
        const rest = named === "all" ? [] : left.filter(({ envelope }) => !named.has(envelope.event.id));
        if (rest.length < left.length) {
          refused += left.length - rest.length;
          left = rest;
          continue;
        }
      }
      const ids = outcome.kind === "failed" ? outcome.delivered : new Set<string>();
      const delivered = left.filter(({ envelope }) => ids.has(envelope.event.id));
      await this.#delete(delivered, delivery);
      return { accepted: delivered.length, refused, failed: true, reason };
    }
    return { accepted: 0, refused, failed: false, reason };
  }

  #select(sink: string, ids: readonly number[] | undefined): readonly NumberedDeadLetter[] {
    const all = this.#journal.deadLetters(sink, Number.MAX_SAFE_INTEGER);
    if (!ids) return all;
    const wanted = new Set(ids);
    return all.filter(({ id }) => wanted.has(id));
  }

  async #delete(letters: readonly NumberedDeadLetter[], delivery: Delivery | undefined): Promise<void> {
    if (letters.length === 0) return;
    await this.#journal.deleteDeadLetters(letters.map(({ id }) => id));
    delivery?.recountDeadLetters();
  }
}
