import type { PoolClient } from "pg";
import {
  type AppendedRows,
  type BulkTransaction,
  type DayKey,
  EVENT_COLUMNS,
  type MeasureRow,
  Overtaken,
  type RolledRows,
  SELECT_UNROLLED,
  type TransactionEnd,
  type UnrolledRow,
  type WriterState,
} from "./bulk.ts";
import { CopyIn, type CopyRow, type CopyTarget } from "./copy-in.ts";
import { PUTS } from "./postgres-puts.ts";
import type { DayTable, EpisodeTable, GapTable, SeriesTable, SubjectTable, WatcherTable } from "./tables.ts";

const SUBJECT_COLUMNS = [
  "id",
  "key",
  "origin",
  "source",
  "subject",
  "status",
  "state",
  "message",
  "since",
  "time",
  "accounted",
  "standing",
] as const;

/** The rows of events go out as they come, those of their measures when the last event has gone. */
const STREAMED = [
  { table: "events", columns: EVENT_COLUMNS },
  { table: "measures", columns: ["series_id", "time", "seq", "value"] },
] as const;
const SERIES = { table: "series", columns: ["id", "subject_id", "name", "unit"] } as const;
const SUBJECTS = { table: "subjects", columns: SUBJECT_COLUMNS } as const;

/** What a transaction begins with. The lock keeps every other writer out until its end. */
const OPENING = ["begin", "select generation, next, rolled, pruned from writer where id = 1 for update"];
type Opening = readonly [generation: number, next: number, rolled: number, pruned: number];

/**
 * One transaction. Every answer of the server costs a wait, so the rows of all parts of a batch go out in one COPY, which the server works on
 * meanwhile; where it is known what the server will find at the beginning, even that is not waited for. A question in between ends the
 * COPY, and the next part begins another one.
 */
export class PostgresTransaction implements BulkTransaction {
  readonly #client: PoolClient;
  /** What the work has begun with, until the server has confirmed it; null when nothing is to be confirmed. */
  #expected: WriterState | null;
  #begun = false;
  #committed = false;
  /** Rows on their way, and what follows when the last event has gone. */
  #copy: CopyIn | null = null;
  #measures: MeasureRow[] = [];

  /** @param expected what the work may begin with; null: what the server says */
  constructor(client: PoolClient, expected: WriterState | null) {
    this.#client = client;
    this.#expected = expected;
  }

  /** Ends it, where nothing that it did has ended it. */
  async end(): Promise<void> {
    if (this.#begun && !this.#committed) await (await this.#idle()).query("commit");
  }

  /** Takes everything back. @throws what is wrong with the connection */
  async undo(): Promise<void> {
    this.#copy?.cancel();
    await this.#copy?.done.catch(() => {});
    await this.#client.query("rollback");
  }

  async state(): Promise<WriterState> {
    if (this.#expected) return this.#expected;
    const [generation, next, rolled, pruned] = await this.#open();
    // Looked for once the lock is held, as each statement sees what is then.
    const { rows } = await this.#client.query<{ id: string | null }>("select max(id) as id from events");
    return { id: 1, generation, next, rolled, pruned, lastId: rows[0]?.id ?? null };
  }

  async watcher(origin: string): Promise<WatcherTable | null> {
    const [row] = await this.#all<WatcherTable>(
      "watcher",
      "select * from watchers where origin = $1",
      origin,
    );
    return row ?? null;
  }

  gaps(): Promise<readonly GapTable[]> {
    return this.#all("gaps", "select * from gaps");
  }

  unrolled(after: number, limit: number): Promise<readonly UnrolledRow[]> {
    return this.#all("unrolled", `${SELECT_UNROLLED} where seq > $1 order by seq limit $2`, after, limit);
  }

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#all<{ id: string }>(
      "known",
      "select id from events where id = any($1::text[])",
      ids,
    );
    return new Set(rows.map(({ id }) => id));
  }

  subjects(keys: readonly string[]): Promise<readonly SubjectTable[]> {
    return this.#all("subjects", "select * from subjects where key = any($1::text[])", keys);
  }

  series(subjectIds: readonly number[]): Promise<readonly SeriesTable[]> {
    return this.#all("series", "select * from series where subject_id = any($1::bigint[])", subjectIds);
  }

  days(keys: readonly DayKey[]): Promise<readonly DayTable[]> {
    return this.#all(
      "days",
      "select days.* from unnest($1::bigint[], $2::bigint[]) as wanted (subject_id, day) join days using (subject_id, day)",
      keys.map(({ subject_id }) => subject_id),
      keys.map(({ day }) => day),
    );
  }

  episodes(ids: readonly string[]): Promise<readonly EpisodeTable[]> {
    return this.#all("episodes", "select * from episodes where id = any($1::text[])", ids);
  }

  lastingEpisodes(subjectIds: readonly number[]): Promise<readonly EpisodeTable[]> {
    return this.#all(
      "lasting episodes",
      "select * from episodes where subject_id = any($1::bigint[]) and ended is null",
      subjectIds,
    );
  }

  async append({ events, measures, series, subjects }: AppendedRows): Promise<void> {
    await this.#copyNow(SERIES, series);
    await this.#copyNow(SUBJECTS, subjects);
    this.#copy ??= this.#begin(STREAMED);
    this.#copy.send(events);
    this.#measures.push(...measures);
  }

  async roll({ subjects, episodes, days }: RolledRows): Promise<void> {
    await this.#put("subjects", subjects);
    await this.#put("episodes", [...episodes.added, ...episodes.changed]);
    await this.#put("days", [...days.added, ...days.changed]);
  }

  async finish({ writer, watcher, gaps }: TransactionEnd): Promise<void> {
    await this.#put("gaps", gaps);
    const { generation, next, rolled, pruned } = writer;
    const client = await this.#idle();
    const statements = [
      `update writer set generation = ${generation}, next = ${next}, rolled = ${rolled}, pruned = ${pruned} where id = 1`,
    ];
    if (watcher) statements.push(putWatcher(client, watcher));
    await client.query([...statements, "commit"].join("; "));
    this.#committed = true;
  }

  /** The connection, when what was sent before has been taken. */
  async #idle(): Promise<PoolClient> {
    const copy = this.#copy;
    if (copy) {
      copy.next();
      copy.send(this.#measures);
      copy.next();
      this.#measures = [];
      await this.#end(copy);
      this.#copy = null;
    } else if (!this.#begun) this.#confirm(await this.#open());
    return this.#client;
  }

  /** Begins, and waits for what the server says. */
  async #open(): Promise<Opening> {
    this.#begun = true;
    const results = await this.#client.query({ text: OPENING.join("; "), rowMode: "array" });
    return (results as unknown as readonly [unknown, { readonly rows: readonly [Opening] }])[1].rows[0];
  }

  /** Begins a copy, and the transaction with it where it has not begun. */
  #begin(targets: readonly CopyTarget[]): CopyIn {
    const copy = new CopyIn(targets, this.#begun ? [] : OPENING);
    this.#begun = true;
    this.#client.query(copy);
    return copy;
  }

  /** Waits for the end of a copy. Where another writer has come, rows with the same numbers are refused: then that is why. */
  async #end(copy: CopyIn): Promise<void> {
    const refusal = await copy.done.then(
      () => null,
      (cause: Error) => cause,
    );
    const [opening] = copy.answers;
    if (opening) this.#confirm(opening.map(Number));
    if (refusal) throw refusal;
  }

  /** @throws Overtaken when the server has something else than expected */
  #confirm([generation, next, rolled, pruned]: readonly (number | undefined)[]): void {
    const expected = this.#expected;
    this.#expected = null;
    if (
      expected &&
      (expected.generation !== generation ||
        expected.next !== next ||
        expected.rolled !== rolled ||
        expected.pruned !== pruned)
    )
      throw new Overtaken();
  }

  /** Copies a few rows of another table. */
  async #copyNow<Row extends object>(
    { table, columns }: { readonly table: string; readonly columns: readonly (keyof Row & string)[] },
    rows: readonly Row[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await this.#idle();
    const copy = this.#begin([{ table, columns }]);
    copy.send(rows.map((row) => columns.map((column) => row[column] as CopyRow[number])));
    copy.next();
    await this.#end(copy);
  }

  async #all<Row>(name: string, text: string, ...values: unknown[]): Promise<readonly Row[]> {
    const client = await this.#idle();
    return (await client.query({ name, text, values })).rows as Row[];
  }

  async #put(table: keyof typeof PUTS, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    const client = await this.#idle();
    await client.query({ name: `put ${table}`, text: PUTS[table], values: [JSON.stringify(rows)] });
  }
}

/** As text, so that it goes with the statements around it. */
function putWatcher(client: PoolClient, { origin, watched, journal, seq, started }: WatcherTable): string {
  const text = (value: string | null) => (value === null ? "null" : client.escapeLiteral(value));
  return [
    `insert into watchers (origin, watched, journal, seq, started) values (${text(origin)}, ${watched}, ${text(journal)}, ${seq}, ${started})`,
    "on conflict (origin) do update set watched = excluded.watched, journal = excluded.journal, seq = excluded.seq, started = excluded.started",
  ].join(" ");
}
