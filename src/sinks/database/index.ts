import { defineSink } from "../../plugin/index.ts";
import { databaseConfig } from "./config.ts";
import { ownFile } from "./own-file.ts";
import { databaseSink } from "./sink.ts";

/** Keeps events, episodes, measures and daily roll-ups, and answers what happened while nobody looked. */
export default defineSink({
  name: "database",
  summary: "History in SQLite or PostgreSQL: events, episodes, measures, uptime by day",
  delivery: "durable",
  begin: "oldest",
  // What is retired stands no more, and its episode is over.
  types: ["*", "subject.retired"],
  // A commit waits for the disk, and each subject has a page of its own in the indexes: more events share them in a larger batch.
  batch: { maxEvents: 2000, maxBytes: 2 * 2 ** 20 },
  keepsHistory: true,
  config: databaseConfig,
  start({ url, pool, password, schema, retention }, ctx) {
    const place =
      url?.url !== undefined
        ? ({ kind: "postgres", url: url.url, pool, password, schema } as const)
        : ({ kind: "sqlite", path: url?.path ?? ownFile(ctx) } as const);
    return databaseSink({ place, retention, started: Math.floor(performance.timeOrigin) }, ctx);
  },
});
