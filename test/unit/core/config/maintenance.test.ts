import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

const problems = (window: string) => folder.told(`sinks: { web: }\nmaintenance:\n  - ${window}\n`);

test("windows come once or by a schedule; equal ones are one, and equal content has an equal id", async () => {
  const yaml = `sinks: { web: }
maintenance:
  - { subjects: vim/edge-*, why: new disks, from: "2026-12-01T22:00:00+01:00", until: 2026-12-02T02:00Z }
  - { labels: { team: edge }, schedule: "0 2 * * sun", timezone: Europe/Berlin, for: 2h }
  - { labels: { team: [edge] }, for: 120m, schedule: "0 2 * * sun", timezone: Europe/Berlin }
`;
  const { maintenance } = await folder.valid(yaml);
  expect(maintenance).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      place: { file: folder.file, line: 3, column: 5 },
      subjects: ["vim/edge-*"],
      labels: {},
      why: "new disks",
      when: { from: Date.parse("2026-12-01T21:00:00Z"), until: Date.parse("2026-12-02T02:00:00Z") },
    },
    {
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      place: { file: folder.file, line: 5, column: 5 },
      subjects: ["*"],
      labels: { team: ["edge"] },
      why: "planned maintenance",
      when: { schedule: "0 2 * * sun", timezone: "Europe/Berlin", for: 2 * 3_600_000 },
    },
  ]);
  const { maintenance: again } = await folder.valid(yaml.replace("new disks", "old disks"));
  expect(again[0]?.id).not.toBe(maintenance[0]?.id);
  expect(again[1]).toEqual(maintenance[1]);
});

test("none, and a heading with nothing below it, are none", async () => {
  expect((await folder.valid("sinks: { web: }\n")).maintenance).toEqual([]);
  expect((await folder.valid("sinks: { web: }\nmaintenance:\n")).maintenance).toEqual([]);
});

test("windows of included files are added", async () => {
  const window = (subject: string) =>
    `maintenance:\n  - { subjects: ${subject}, schedule: "0 2 * * *", for: 1h }\n`;
  const more = folder.write("more.yaml", window("b/*"));
  const config = await folder.valid(`include: more.yaml\nsinks: { web: }\n${window("a/*")}`);
  expect(config.maintenance.map(({ subjects }) => subjects)).toEqual([["a/*"], ["b/*"]]);
  expect(config.maintenance.map(({ place }) => place)).toEqual([
    { file: folder.file, line: 4, column: 5 },
    { file: more, line: 2, column: 5 },
  ]);
  const file = folder.write(
    "more.yaml",
    'maintenance:\n  - { subjects: b/*, schedule: "0 2 * *", for: 1h }\n',
  );
  expect(await folder.problems()).toMatchObject([{ file, line: 2, code: "CFG025" }]);
});

test.each([
  ["{ from: 2026-12-01T22:00:00Z, until: 2026-12-02T22:00:00Z }", ['5 CFG011 missing key "subjects"']],
  [
    "{ labels: { team: [] }, schedule: '0 2 * * *', for: 1h }",
    ["23 CFG024 maintenance[0].labels.team: an empty list"],
  ],
  ["{ subjects: [], schedule: '0 2 * * *', for: 1h }", ["17 CFG024 maintenance[0].subjects: an empty list"]],
  [
    "{ subjects: a/*, from: 2026-12-02T22:00:00Z, until: 2026-12-01T22:00:00Z }",
    ["57 CFG014 maintenance[0].until: is not after from"],
  ],
  [
    "{ subjects: a/*, from: 2026-12-02T22:00:00Z }",
    ['5 CFG011 missing key "until" in maintenance[0]: When it ends'],
  ],
  ["{ subjects: a/* }", ["5 CFG014 maintenance[0]: says not when: write from and until, or schedule"]],
  [
    "{ subjects: a/*, from: 2026-12-02T22:00:00, until: 2026-12-03T22:00:00Z }",
    ["28 CFG014 maintenance[0].from: expected a time with its zone"],
  ],
  ["{ subjects: a/*, schedule: '0 2 * * *' }", ['5 CFG011 missing key "for" in maintenance[0]: How long']],
  [
    "{ subjects: a/*, schedule: '0 2 * * *', for: 90d }",
    ["50 CFG022 maintenance[0].for: too long: at most 31d"],
  ],
  [
    "{ subjects: a/*, schedule: '0 2 * * *', for: 1h, timezone: Europe/Berlim }",
    ['64 CFG014 maintenance[0].timezone: unknown time zone "Europe/Berlim"'],
  ],
  [
    "{ subjects: a/*, schedule: '0 2 * * *', for: 1h, from: 2026-12-02T22:00:00Z }",
    ["60 CFG014 maintenance[0].from: does not go with a schedule"],
  ],
  [
    "{ subjects: a/*, from: 2026-12-02T22:00:00Z, until: 2026-12-03T22:00:00Z, for: 1h }",
    ["84 CFG022 maintenance[0].for: belongs to a schedule"],
  ],
  [
    "{ subject: a/*, schedule: '0 2 * *', for: 1h }",
    ['7 CFG012 unknown key "subject" in maintenance[0]', "31 CFG025 maintenance[0].schedule: expected five"],
  ],
])("%s is refused, with its place", async (window, told) => {
  expect(await problems(window)).toEqual(told.map((text) => expect.stringContaining(`3:${text}`)));
});
