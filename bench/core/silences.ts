import { ActiveSilences } from "../../src/core/silences/silences.ts";
import { compileGlob, type Silence } from "../../src/plugin/index.ts";
import { report } from "../support/report.ts";

/**
 * What it costs to ask whether something is silenced, for 10,000 subjects and 1,000 silences, while a silence begins or ends after every
 * round of all subjects. The baseline asks every glob each time.
 */
const SUBJECTS = Array.from({ length: 10_000 }, (_, index) => `vim/site-${index % 100}/edge-${index}`);
const SILENCES = 1000;
const ROUNDS = 20;

const labels = { team: "edge" };
const until = (index: number) => new Date(Date.UTC(2030, 0, 1) + index * 60_000).toISOString();

function silence(index: number): Silence {
  return {
    id: `s${index}`,
    kind: "silence",
    subjects: [`vim/*/edge-${index * 7}`],
    labels: {},
    why: "bench",
    by: "",
    since: until(0),
    until: until(index),
  };
}

/** Microseconds of CPU for each question. */
function measure(ask: (subject: string, round: number) => unknown, between: (round: number) => void): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of SUBJECTS) ask(subject, round);
    between(round);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (ROUNDS * SUBJECTS.length);
}

const silences = new ActiveSilences();
for (let index = 0; index < SILENCES; index++) silences.begin(silence(index));
const remembered = measure(
  (subject) => silences.of({ subject, labels }),
  (round) => (round % 2 === 0 ? silences.end(`s${round}`) : silences.begin(silence(round))),
);
const tests = Array.from({ length: SILENCES }, (_, index) =>
  compileGlob(silence(index).subjects[0] as string),
);
const every = measure(
  (subject) => tests.find((test) => test(subject)),
  () => {},
);

report({
  name: "silences: CPU of one question, 10,000 subjects, 1,000 silences, one of which changes each 10,000 questions",
  value: remembered,
  unit: "µs",
  baseline: every,
  atMost: every / 5,
});
