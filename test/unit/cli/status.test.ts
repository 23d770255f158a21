import { expect, test } from "vitest";
import { statusText, worstOf } from "../../../src/cli/status.ts";
import { shortTime } from "../../../src/cli/terminal.ts";
import type { StatusReport } from "../../../src/core/control/status-report.ts";
import type { Status } from "../../../src/plugin/index.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const plain = (_: unknown, text: string) => text;

function line(subject: string, status: Status, message: string): StatusReport["subjects"][number] {
  const state = status.toUpperCase();
  return {
    source: "s",
    subject,
    status,
    state,
    message,
    since: "2026-03-01T11:57:00Z",
    seen: "2026-03-01T11:59:59Z",
    stale: null,
    title: null,
    silenced: null,
  };
}

function report(parts: Partial<StatusReport>): StatusReport {
  return {
    version: "1.0.0",
    pid: 1,
    origin: "o",
    title: null,
    role: "standalone",
    config: "/monitors.yaml",
    started: "2026-03-01T00:00:00Z",
    ready: true,
    configError: null,
    head: 0,
    components: [],
    sinks: {},
    silences: [],
    subjects: [],
    ...parts,
  };
}

test("a subject that several sources watch says who says what", () => {
  const subjects = [
    { ...line("a/x", "ok", "fine"), source: "near" },
    { ...line("a/x", "ok", "fine"), source: "far" },
    line("a/y", "ok", "fine"),
  ];
  const text = statusText(report({ subjects }), plain, NOW);
  expect(text).toMatch(/^ok {2}a\/x \(near\) .*\nok {2}a\/x \(far\) .*\nok {2}a\/y {2}/m);
});

test("the first line is what Nagios reads, and the worst comes first", () => {
  const text = statusText(
    report({
      subjects: [
        line("a/ok", "ok", "fine"),
        line("b/bad", "critical", "broken"),
        line("a/odd", "warning", "odd"),
        line("a/who", "unknown", "who knows"),
      ],
    }),
    plain,
    NOW,
  );
  expect(text).toBe(
    [
      "CRITICAL - 1 critical, 1 warning, 1 unknown, 1 ok | critical=1 warning=1 unknown=1 ok=1 silenced=0",
      "",
      "critical  b/bad  3 m  broken",
      "warning   a/odd  3 m  odd",
      "unknown   a/who  3 m  who knows",
      "ok        a/ok   3 m  fine",
      "",
    ].join("\n"),
  );
});

test("own parts that are not well count, and are shown above what is watched", () => {
  const sick = report({
    subjects: [line("a/ok", "ok", "fine")],
    components: [
      {
        id: "sink/files",
        kind: "sink",
        state: "recoverable",
        status: "warning",
        message: "disk full",
        since: "2026-03-01T11:00:00Z",
      },
      { id: "sink/web", kind: "sink", state: "ok", status: "ok", message: "", since: "2026-03-01T11:00:00Z" },
    ],
  });
  expect(worstOf(sick)).toBe("warning");
  const text = statusText(sick, plain, NOW);
  expect(text).toMatch(/^WARNING - 1 ok, 1 of lifeguard's own parts not well/);
  expect(text).toContain("warning  lifeguard sink/files  1 h  disk full\nok       a/ok");
  expect(text).not.toContain("sink/web");
});

test("a refused configuration is told, and nothing at all is unknown", () => {
  expect(statusText(report({ configError: "monitors.yaml:1:1 CFG012 oops" }), plain, NOW)).toContain(
    "monitors.yaml:1:1 CFG012 oops",
  );
  expect(worstOf(report({}))).toBe("unknown");
});

test("what a check printed cannot steer the terminal or break a line", () => {
  const text = statusText(report({ subjects: [line("a/b", "ok", "one\u001b[2Jtwo\nthree")] }), plain, NOW);
  expect(text).toContain("one [2Jtwo three");
});

test("what is silenced says so and until when, and the silences stand below", () => {
  const until = "2026-03-01T14:00:00.000Z";
  const silence = {
    id: "1f0c9a3e",
    kind: "silence",
    subjects: ["a/*"],
    labels: {},
    why: "disk swap",
    by: "ann",
    since: "2026-03-01T11:00:00.000Z",
    until,
  } as const;
  const window = {
    ...silence,
    id: "77aa01bd",
    kind: "maintenance",
    labels: { team: ["x"] },
    by: "",
  } as const;
  const subjects = [{ ...line("a/x", "critical", "broken"), silenced: { id: silence.id, until } }];
  const text = statusText(report({ subjects, silences: [silence, window] }), plain, NOW);
  const shown = shortTime(until);
  expect(text).toContain(`critical  a/x  3 m  [silenced until ${shown}] broken\n`);
  expect(text).toContain(
    `nobody is told about:\n1f0c9a3e  until ${shown}  a/*         ann          disk swap\n`,
  );
  expect(text).toContain(`77aa01bd  until ${shown}  a/* team=x  maintenance  disk swap\n`);
  expect(text).toContain("OK - 1 silenced | critical=0 warning=0 unknown=0 ok=0 silenced=1");
  expect(worstOf(report({ subjects }))).toBe("ok");
});
