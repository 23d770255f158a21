import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { execTarget } from "../../../../src/sinks/notify/targets/exec.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { change, HOSTILE, tellingOf } from "./told.ts";

const never = new AbortController().signal;

/** An executable of a few lines of shell. Returns its path. */
function script(folder: string, lines: string): string {
  const path = join(folder, "tell");
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return path;
}

test("an executable gets the message on standard input and in variables, and its arguments as they are", async () => {
  using folder = temporaryFolder();
  const command = script(
    folder.path,
    `cat > "$1/message"; printf '%s\\n' "$LIFEGUARD_NOTIFY_ID" "$LIFEGUARD_NOTIFY_KIND" "$LIFEGUARD_NOTIFY_SUBJECT" "$2" > "$1/rest"`,
  );
  const target = execTarget(
    { command, args: [folder.path, "$(touch /tmp/x) ; *"], timeout: 10_000 },
    systemClock,
  );
  const telling = tellingOf([change({ message: HOSTILE })]);
  expect(await target.tell(telling, null, never)).toEqual({ kind: "told" });
  expect(JSON.parse(readFileSync(join(folder.path, "message"), "utf8"))).toMatchObject({
    id: telling.id,
    items: [{ id: "episode-1/down", message: telling.items[0]?.message }],
  });
  expect(readFileSync(join(folder.path, "rest"), "utf8").trim().split("\n")).toEqual([
    telling.id,
    "down",
    "promise/disk",
    "$(touch /tmp/x) ; *",
  ]);
});

test("another exit code is a failure that says what it printed, of which only the end is kept", async () => {
  using folder = temporaryFolder();
  const command = script(folder.path, "yes | head -c 1000000; echo no route to pager >&2; exit 3");
  const outcome = await execTarget({ command, args: [], timeout: 10_000 }, systemClock).tell(
    tellingOf([change()]),
    null,
    never,
  );
  expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringMatching(/^exit code 3: /) });
  expect(JSON.stringify(outcome)).toContain("no route to pager");
  expect(JSON.stringify(outcome).length).toBeLessThan(500);
});

test("one that leaves something behind in the background is not waited for", async () => {
  using folder = temporaryFolder();
  const pid = join(folder.path, "pid");
  const command = script(folder.path, `sleep 600 & echo $! > ${pid}; exit 0`);
  const target = execTarget({ command, args: [], timeout: 60_000 }, systemClock);
  expect(await target.tell(tellingOf([change()]), null, never)).toEqual({ kind: "told" });
  process.kill(Number(readFileSync(pid, "utf8")));
});

test("one that reads nothing is told all the same", async () => {
  const target = execTarget({ command: "/bin/true", args: [], timeout: 10_000 }, systemClock);
  const telling = tellingOf([change({ message: "m".repeat(2000) })]);
  expect(await target.tell(telling, null, never)).toEqual({ kind: "told" });
});

test("one that cannot be run is a failure that waits for somebody", async () => {
  const target = execTarget({ command: "/nowhere/tell", args: [], timeout: 10_000 }, systemClock);
  expect(await target.tell(tellingOf([change()]), null, never)).toMatchObject({
    kind: "failed",
    reason: expect.stringContaining("cannot be run"),
    correctable: true,
  });
});

test("at the time-out its whole process group is ended, also where it ignores being asked", async () => {
  using folder = temporaryFolder();
  const pids = join(folder.path, "pids");
  const command = script(folder.path, `trap '' TERM; sleep 600 & echo $$ $! > ${pids}; wait; wait`);
  const clock = new FakeClock();
  const outcome = execTarget({ command, args: [], timeout: 1000 }, clock).tell(
    tellingOf([change()]),
    null,
    never,
  );
  await until("it to run", () => existsSync(pids) && readFileSync(pids, "utf8").includes("\n"));
  await clock.advance(1000);
  await clock.advance(2000);
  expect(await outcome).toMatchObject({ kind: "failed", reason: "did not end within 1000 ms" });
  const left = readFileSync(pids, "utf8").trim().split(" ").map(Number);
  await until("none of it to be left", () => left.every((pid) => !isRunning(pid)));
  expect(clock.pending).toBe(0);
});

test("it is ended at once when the sink stops", async () => {
  using folder = temporaryFolder();
  const started = join(folder.path, "started");
  const command = script(folder.path, `touch ${started}; exec sleep 600`);
  const stop = new AbortController();
  const outcome = execTarget({ command, args: [], timeout: 60_000 }, systemClock).tell(
    tellingOf([change()]),
    null,
    stop.signal,
  );
  await until("it to run", () => existsSync(started));
  stop.abort();
  expect(await outcome).toMatchObject({ kind: "failed", reason: "ended by SIGKILL" });
});

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
