import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sinkContract } from "lifeguard/testkit";
import { afterAll, describe, test } from "vitest";
import database from "../../src/sinks/database/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-database-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the sink database, whose file others lock at random, keeps the contract", () => {
  const url = join(folder, "history.db");
  const checks = sinkContract({
    definition: database,
    config: () => ({ url }),
    arrived() {
      const db = new DatabaseSync(url, { readOnly: true });
      try {
        return db
          .prepare(
            "select subject from events join subjects on subjects.id = subject_id where type = 'test.happened' order by seq",
          )
          .all()
          .map(({ subject }) => String(subject));
      } catch {
        return [];
      } finally {
        db.close();
      }
    },
    disturb() {
      const db = new DatabaseSync(url);
      const flip = setInterval(() => {
        if (db.isTransaction) db.exec("rollback");
        else
          try {
            db.exec("begin immediate");
          } catch {}
      }, 5);
      return () => {
        clearInterval(flip);
        db.close();
      };
    },
  });
  for (const { name, run } of checks) test(name, run, 60_000);
});
