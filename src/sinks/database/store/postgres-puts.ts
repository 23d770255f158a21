/** How rows are written again in PostgreSQL, given as one JSON text: the driver need not turn each value into a parameter. */
export const PUTS = {
  subjects: update("subjects", "id", {
    id: "bigint",
    status: "smallint",
    state: "text",
    message: "text",
    since: "bigint",
    time: "bigint",
    accounted: "bigint",
    standing: "smallint",
  }),
  episodes: upsert("episodes", ["id"], {
    id: "text",
    subject_id: "bigint",
    began: "bigint",
    ended: "bigint",
    worst: "smallint",
    events: "bigint",
    state: "text",
    message: "text",
  }),
  days: upsert("days", ["subject_id", "day"], {
    subject_id: "bigint",
    day: "bigint",
    up: "bigint",
    down: "bigint",
    unknown: "bigint",
    oks: "bigint",
    warnings: "bigint",
    unknowns: "bigint",
    criticals: "bigint",
    worst: "smallint",
    latency: "text",
    p50: "double precision",
    p95: "double precision",
  }),
  gaps: upsert("gaps", ["origin", "source", "began"], {
    origin: "text",
    source: "text",
    began: "bigint",
    ended: "bigint",
  }),
} as const;

/** Inserts rows, or changes those that are there. @param columns by name, with their types */
function upsert(table: string, key: readonly string[], columns: Readonly<Record<string, string>>): string {
  const names = Object.keys(columns);
  const others = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return [
    `insert into ${table} (${names.join(", ")}) select ${names.join(", ")} from ${given(columns)}`,
    `on conflict (${key.join(", ")}) do update set ${others.join(", ")}`,
  ].join(" ");
}

/** Changes rows that are there. */
function update(table: string, key: string, columns: Readonly<Record<string, string>>): string {
  const others = Object.keys(columns).filter((name) => name !== key);
  const changes = others.map((name) => `${name} = given.${name}`);
  return `update ${table} set ${changes.join(", ")} from ${given(columns)} where ${table}.${key} = given.${key}`;
}

function given(columns: Readonly<Record<string, string>>): string {
  const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `json_to_recordset($1::json) as given (${types.join(", ")})`;
}
