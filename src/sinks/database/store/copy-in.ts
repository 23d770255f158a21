import type { Connection, Submittable } from "pg";

/** What the driver calls while a COPY is under way; its types know of `submit` only. */
interface CopyConnection extends Connection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

/** Rows that go out at once: the server works on them while the next ones are being put into words. */
const PORTION = 200;

/** A table that rows are copied into. */
export interface CopyTarget {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Sends rows by `COPY … FROM STDIN`, in the text format: the quickest way into PostgreSQL. Give it to `client.query` of a connection that is
 * idle, then `send` the rows of the first table, in as many calls as there are, `next` and those of the second, and so on: the server works
 * on them as they come, and nobody waits for its answer. After `next` for the last table await `done`. A server that has refused a row skips
 * what follows, as the protocol has it.
 */
export class CopyIn implements Submittable {
  /** The rows that the statements before the copies gave, once it is done. */
  readonly answers: (readonly (string | null)[])[] = [];
  /** Resolves when the server has taken everything; rejects with why it did not. */
  readonly done: Promise<void>;
  readonly #before: readonly string[];
  readonly #targets: readonly CopyTarget[];
  readonly #settle: PromiseWithResolvers<void>;
  /** Null before it is begun, and when it is over. */
  #connection: CopyConnection | null = null;

  /**
   * @param targets at least one, in the order in which rows come
   * @param before statements that are run first, without waiting for what they answer
   */
  constructor(targets: readonly CopyTarget[], before: readonly string[] = []) {
    this.#targets = targets;
    this.#before = before;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    // Whoever awaits it is told; nobody else need be.
    this.done.catch(() => {});
  }

  /** Sends rows of the table whose turn it is. */
  send(rows: readonly CopyRow[]): void {
    for (let from = 0; from < rows.length; from += PORTION)
      this.#connection?.sendCopyFromChunk(Buffer.from(copyText(rows.slice(from, from + PORTION))));
  }

  /** No row comes for this table any more: now it is the next one's turn. */
  next(): void {
    this.#connection?.endCopyFrom();
  }

  /** Takes back what was sent: `done` rejects. */
  cancel(): void {
    this.#connection?.sendCopyFail("given up");
  }

  submit(connection: Connection): void {
    this.#connection = connection as CopyConnection;
    const copies = this.#targets.map(
      ({ table, columns }) => `copy ${table} (${columns.join(", ")}) from stdin`,
    );
    this.#connection.query([...this.#before, ...copies].join("; "));
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.answers.push(fields);
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#connection = null;
    this.#settle.resolve();
  }

  handleError(error: Error): void {
    this.#connection = null;
    this.#settle.reject(error);
  }
}

/** A row of a COPY. */
export type CopyRow = readonly (string | number | null)[];

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Rows in the text format of COPY. Exported for its test. */
export function copyText(rows: readonly CopyRow[]): string {
  let text = "";
  for (const row of rows) {
    let first = true;
    for (const value of row) {
      if (first) first = false;
      else text += "\t";
      if (value === null) text += "\\N";
      else if (typeof value === "number") text += value;
      else
        text += SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (sign) => ESCAPES[sign] as string) : value;
    }
    text += "\n";
  }
  return text;
}
