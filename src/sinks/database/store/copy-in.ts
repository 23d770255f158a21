import type { Connection, Submittable } from "pg";

/** What the driver calls while a COPY is under way; its types know of `submit` only. */
interface CopyConnection extends Connection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends rows by `COPY … FROM STDIN`, in the text format: the quickest way into PostgreSQL. Give it to `client.query`. */
export class CopyIn implements Submittable {
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #rows: Buffer;
  readonly #settle: PromiseWithResolvers<void>;

  constructor(table: string, columns: readonly string[], rows: readonly CopyRow[]) {
    this.#text = `copy ${table} (${columns.join(", ")}) from stdin`;
    this.#rows = Buffer.from(copyText(rows));
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    // Whoever awaits it is told; nobody else need be.
    this.done.catch(() => {});
  }

  submit(connection: Connection): void {
    (connection as CopyConnection).query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#rows);
    connection.endCopyFrom();
  }

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
