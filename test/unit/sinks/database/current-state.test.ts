import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

const START = Date.parse("2026-03-10T12:00:00Z");

/** What `subjects` says, by subject: the last verdict, what holds now, and since when. */
function current(path: string): Record<string, readonly unknown[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare("select * from subjects").all();
  database.close();
  return Object.fromEntries(
    rows.map(({ subject, status, standing, state, message, since }) => [
      subject,
      [status, standing, state, message, Number(since) - START],
    ]),
  );
}

test("the current state of each subject is its last verdict, and whether that still holds", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const say = (subject: string, at: number, said: object) =>
    script.say({ subject, at: START + at, message: `at ${at}`, ...said });
  await db.write([
    say("well", 0, { status: "ok" }),
    say("ill", 0, { status: "ok" }),
    say("ill", 1, { status: "critical" }),
    say("ill", 2, { status: "critical" }),
    say("retired", 0, { status: "warning" }),
    say("retired", 3, { type: "subject.retired" }),
    say("unregistered", 0, { status: "ok" }),
    say("unregistered", 3, { type: "thing.unregistered" }),
    say("unwatched", 0, { status: "ok" }),
    say("unwatched", 3, { type: "thing.monitor_deleted" }),
    say("back", 0, { status: "critical" }),
    say("back", 3, { type: "subject.retired" }),
    say("back", 4, { status: "ok" }),
    // The last word is what came last, as on the board, whatever its clock says.
    say("late", 5, { status: "ok" }),
    say("late", 2, { status: "critical" }),
    say("announced", 0, { type: "thing.registered" }),
  ]);
  expect(current(db.path)).toEqual({
    well: [0, 0, "OK", "at 0", 0],
    ill: [3, 3, "CRITICAL", "at 2", 1],
    retired: [2, null, "WARNING", "at 0", 0],
    unregistered: [0, null, "OK", "at 0", 0],
    unwatched: [0, 1, "OK", "at 0", 0],
    back: [0, 0, "OK", "at 4", 4],
    late: [3, 3, "CRITICAL", "at 2", 2],
    announced: [null, null, "", "", 0],
  });
});
