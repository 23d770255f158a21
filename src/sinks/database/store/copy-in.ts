import type { Connection, Submittable } from "pg";

/** What the driver calls while a COPY is under way; its types know of `submit` only. */
interface CopyConnection extends Connection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows that go out at once: the server works on them while the next ones are being put into words. */
const PORTION = 200;

/** Rows for one table. */
export interface CopyTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly CopyRow[];
}

/**
 * Sends rows by `COPY … FROM STDIN`, in the text format: the quickest way into PostgreSQL. Give it to `client.query`, and await `done`. The
 * rows of all tables follow the statements at once; a server that refuses a statement skips what follows, as the protocol has it.
 */
export class CopyIn implements Submittable {
  readonly done: Promise<void>;
  readonly #tables: readonly CopyTable[];
  readonly #settle: PromiseWithResolvers<void>;

  /** @param tables at least one */
  constructor(tables: readonly CopyTable[]) {
    this.#tables = tables;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    // Whoever awaits it is told; nobody else need be.
    this.done.catch(() => {});
  }

  submit(connection: Connection): void {
    const copying = connection as CopyConnection;
    const copies = this.#tables.map(
      ({ table, columns }) => `copy ${table} (${columns.join(", ")}) from stdin`,
    );
    copying.query(copies.join("; "));
    for (const { rows } of this.#tables) {
      for (let from = 0; from < rows.length; from += PORTION)
        copying.sendCopyFromChunk(Buffer.from(copyText(rows.slice(from, from + PORTION))));
      copying.endCopyFrom();
    }
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#settle.resolve();
  }

  handleError(error: Error): void {
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
