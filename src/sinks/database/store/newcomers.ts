import type { Envelope } from "../../../plugin/index.ts";
import { arrivalOf, type NumberedArrival } from "./arrival.ts";
import type { BulkTransaction, WriterState } from "./bulk.ts";

const BEYOND_ASCII = /[^\x20-\x7e]/;

/**
 * Tells which events of a batch were never written. Nearly all ids grow with time: what comes after all others need not be looked for, neither
 * in the batch nor in the database.
 */
export class Newcomers {
  readonly #transaction: BulkTransaction;
  readonly #pruned: number;
  readonly #hasWritten: (seq: number) => boolean;
  /** The greatest id that was written or is among `#ids`, in the order of bytes; null where ids cannot be compared with it. */
  #greatest: string | null;
  readonly #ids: string[] = [];
  /** The same, once one of them is looked for. */
  #seen: Set<string> | undefined;

  /**
   * @param state when the transaction began
   * @param hasWritten whether an event of this number in the journal was written before
   */
  constructor(
    transaction: BulkTransaction,
    { pruned, lastId }: WriterState,
    hasWritten: (seq: number) => boolean,
  ) {
    this.#transaction = transaction;
    this.#pruned = pruned;
    this.#hasWritten = hasWritten;
    this.#greatest = lastId === null || isAscii(lastId) ? (lastId ?? "") : null;
  }

  /** The greatest id of all that were written, these included; null where there is none, undefined where that cannot be said. */
  get last(): string | null | undefined {
    return this.#greatest === null ? undefined : this.#greatest || null;
  }

  /** Those of a part of the batch that are new, in their order, each once. What was written and may have been pruned since is not. */
  async of(part: readonly Envelope[]): Promise<readonly NumberedArrival[]> {
    const arrivals: NumberedArrival[] = [];
    const doubtful: string[] = [];
    for (const envelope of part) {
      const late = this.#hasWritten(envelope.seq);
      const arrival = arrivalOf(envelope, late);
      const { id, received } = arrival;
      if (late && received < this.#pruned) continue;
      if (this.#isGreatest(id)) this.#greatest = id;
      else if (this.#isAmongThem(id)) continue;
      else doubtful.push(id);
      this.#ids.push(id);
      this.#seen?.add(id);
      arrivals.push(arrival);
    }
    if (doubtful.length === 0) return arrivals;
    const known = await this.#transaction.known(doubtful);
    return arrivals.filter(({ id }) => !known.has(id));
  }

  #isGreatest(id: string): boolean {
    return this.#greatest !== null && id > this.#greatest && isAscii(id);
  }

  #isAmongThem(id: string): boolean {
    this.#seen ??= new Set(this.#ids);
    return this.#seen.has(id);
  }
}

/** Whether the order of UTF-16 is that of bytes, in which the databases have ids. */
function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}
