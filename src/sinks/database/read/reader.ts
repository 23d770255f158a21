import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type {
  Episode,
  EpisodesQuery,
  EventsQuery,
  HistoryFilter,
  HistoryPage,
  MeasureSeries,
  MeasuresQuery,
  PastEvent,
} from "../../../plugin/index.ts";
import type { Dialect } from "../store/dialect.ts";
import { pastEvent, timeText } from "../store/past-event.ts";
import { statusOf } from "../store/rank.ts";
import { storable } from "../store/storable.ts";
import type { GapTable, SubjectTable, Tables } from "../store/tables.ts";
import { DAY_COLUMNS, type DayCells, packDays } from "./day-cells.ts";
import { limitOf, pageOf, parseCursor, timeOf } from "./paging.ts";

const DAY_MS = 86_400_000;
const MOST_SERIES = 20;
/** A mean takes what is larger for this: a sum of the largest numbers is none, and PostgreSQL fails. */
const MOST_OF_MEAN = 1e290;

/** An episode without its duration, which depends on the time of asking. */
export type StoredEpisode = Omit<Episode, "duration">;

/** Whose days, with everything that has a default filled in. */
export interface DaysRange extends HistoryFilter {
  readonly first: number;
  readonly last: number;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Answers the queries of the history, from either database. */
export class HistoryReader {
  readonly #db: Kysely<Tables>;
  readonly #dialect: Dialect;

  /** @param db whose queries are to be answered */
  constructor(db: Kysely<Tables>, dialect: Dialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /** @throws LifeguardError `HISTORY_QUERY` for a time or cursor that is none */
  async events(query: EventsQuery): Promise<HistoryPage<PastEvent>> {
    const limit = limitOf(query.limit, 100, 1000);
    let select = named(
      this.#db.selectFrom("events").innerJoin("subjects", "subjects.id", "events.subject_id"),
      query,
    );
    // Without a subject there is no index but that of the changes, and nobody could read them all anyway.
    if (query.changes || query.subject === undefined) select = select.where("change", "=", sql.lit(1));
    if (query.since !== undefined) select = select.where("events.time", ">=", timeOf(query.since));
    if (query.until !== undefined) select = select.where("events.time", "<", timeOf(query.until));
    if (query.after !== undefined) {
      const [time, seq] = parseCursor(query.after);
      select = select.where(sql<boolean>`(events.time, events.seq) < (${time}, ${Number(seq)})`);
    }
    const rows = await select
      .selectAll("events")
      .select(["origin", "source", "subject"])
      .orderBy("events.time", "desc")
      .orderBy("events.seq", "desc")
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, ({ time, seq }) => `${time}.${seq}`, pastEvent);
  }

  /** @throws LifeguardError `HISTORY_QUERY` for a time or cursor that is none */
  async episodes(query: EpisodesQuery): Promise<HistoryPage<StoredEpisode>> {
    const limit = limitOf(query.limit, 100, 1000);
    let select = named(
      this.#db.selectFrom("episodes").innerJoin("subjects", "subjects.id", "episodes.subject_id"),
      query,
    );
    if (query.since !== undefined) {
      const since = timeOf(query.since);
      select = select.where(({ eb, or }) => or([eb("ended", ">=", since), eb("ended", "is", null)]));
    }
    if (query.until !== undefined) select = select.where("began", "<", timeOf(query.until));
    if (query.after !== undefined) {
      const [began, id] = parseCursor(query.after);
      select = select.where(sql<boolean>`(began, episodes.id) < (${began}, ${id})`);
    }
    const rows = await select
      .selectAll("episodes")
      .select(["origin", "source", "subject"])
      .orderBy("began", "desc")
      .orderBy("episodes.id", "desc")
      .limit(limit + 1)
      .execute();
    return pageOf(
      rows,
      limit,
      ({ began, id }) => `${began}.${id}`,
      (row): StoredEpisode => ({
        id: row.id,
        origin: row.origin,
        source: row.source,
        subject: row.subject,
        began: timeText(row.began),
        ended: row.ended === null ? null : timeText(row.ended),
        worst: statusOf(row.worst),
        state: row.state,
        message: row.message,
        events: row.events,
      }),
    );
  }

  /** The days of some subjects, packed: only those that have a row. */
  async days({ first, last, limit, after, ...of }: DaysRange): Promise<DayCells> {
    let select = named(this.#db.selectFrom("subjects"), of);
    if (after !== undefined) select = select.where("subjects.id", ">", parseCursor(after)[0]);
    const found = await select
      .selectAll("subjects")
      .orderBy("subjects.id")
      .limit(limit + 1)
      .execute();
    const { items: subjects, next } = pageOf(
      found,
      limit,
      ({ id }) => `${id}.`,
      (row) => row,
    );
    if (subjects.length === 0) return { subjects: [], cells: new Float64Array(), gaps: [], next: null };
    // Each column as one text: a driver, and the database, take several times as long for the values of ninety thousand rows.
    const listed = (name: string) =>
      this.#dialect === "sqlite"
        ? sql<string>`json_group_array(${sql.ref(name)})`
        : sql<string | null>`array_to_json(array_agg(${sql.ref(name)}))::text`;
    const texts = await this.#db
      .selectFrom("days")
      .select(DAY_COLUMNS.map((name) => listed(name).as(name)))
      .where(
        "subject_id",
        "in",
        subjects.map(({ id }) => id),
      )
      .where("day", ">=", first)
      .where("day", "<=", last)
      .executeTakeFirstOrThrow();
    const columns = DAY_COLUMNS.map((name): (number | null)[] => JSON.parse(texts[name] ?? "[]"));
    return { ...packDays(subjects, columns), gaps: await this.#gapsAfter(subjects), next };
  }

  /** The gaps that reach into the time that is not in the days of these subjects yet. */
  #gapsAfter(subjects: readonly SubjectTable[]): Promise<GapTable[]> {
    const oldest = Math.min(...subjects.map(({ accounted }) => accounted));
    return this.#db
      .selectFrom("gaps")
      .selectAll()
      .where("origin", "in", [...new Set(subjects.map(({ origin }) => origin))])
      .where(({ eb, or }) => or([eb("ended", "is", null), eb("ended", ">", oldest)]))
      .execute();
  }

  /**
   * @param now milliseconds since the epoch, where the span has no end
   * @throws LifeguardError `HISTORY_QUERY` for a time that is none
   */
  async measures(query: MeasuresQuery, now: number): Promise<readonly MeasureSeries[]> {
    const until = query.until === undefined ? now : timeOf(query.until);
    const since = query.since === undefined ? until - DAY_MS : timeOf(query.since);
    const steps = limitOf(query.points, 120, 1000);
    const width = Math.max(1, Math.ceil((until - since) / steps));
    let select = named(
      this.#db.selectFrom("series").innerJoin("subjects", "subjects.id", "series.subject_id"),
      query,
    );
    if (query.name !== undefined) select = select.where("name", "=", storable(query.name));
    const series = await select
      .select(["series.id", "name", "unit", "origin", "source", "subject"])
      .orderBy("name")
      .orderBy("series.id")
      .limit(MOST_SERIES)
      .execute();
    const answer: MeasureSeries[] = [];
    for (const { id, ...names } of series) {
      const step = sql<number>`cast((time - ${since}) / ${width} as integer)`;
      const points = await this.#db
        .selectFrom((inner) =>
          inner
            .selectFrom("measures")
            .select([step.as("step"), "value"])
            .where("series_id", "=", id)
            .where("time", ">=", since)
            .where("time", "<", until)
            .as("stepped"),
        )
        .select(({ fn }) => [
          "step",
          fn.min("value").as("min"),
          fn.max("value").as("max"),
          fn.sum<number>(bounded("value")).as("sum"),
          fn.countAll<number>().as("count"),
        ])
        .groupBy("step")
        .orderBy("step")
        .execute();
      answer.push({
        ...names,
        points: points.map(({ step: index, min, max, sum, count }) => ({
          time: timeText(since + index * width),
          min,
          max,
          mean: Math.min(max, Math.max(min, sum / count)),
          count,
        })),
      });
    }
    return answer;
  }
}

function bounded(column: string): RawBuilder<number> {
  const value = sql.ref<number>(column);
  return sql`case when ${value} > ${MOST_OF_MEAN} then ${MOST_OF_MEAN} when ${value} < ${-MOST_OF_MEAN} then ${-MOST_OF_MEAN} else ${value} end`;
}

/** Narrows to the subject that was asked for, where one was. */
function named<From extends keyof Tables, Output>(
  select: SelectQueryBuilder<Tables, From | "subjects", Output>,
  { subject, source, origin }: HistoryFilter,
): SelectQueryBuilder<Tables, From | "subjects", Output> {
  let narrowed = select;
  for (const [column, value] of Object.entries({ subject, source, origin }))
    if (value !== undefined) narrowed = narrowed.where(sql.ref(`subjects.${column}`), "=", storable(value));
  return narrowed;
}
