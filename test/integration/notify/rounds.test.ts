import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Received, WebhookReceiver } from "../../servers/webhook.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const ROUNDS = 10;
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

test(`${ROUNDS} rounds of flap, kill -9 and silence: exactly the messages owed`, async () => {
  using folder = temporaryFolder();
  await using receiver = await WebhookReceiver.start();
  await using patient = await WebhookReceiver.start();
  const script = join(folder.path, "script");
  const say = (...lines: string[]) => appendFileSync(script, lines.map((line) => `${line}\n`).join(""));
  await using lifeguard = new Lifeguard(
    folder.path,
    `
sources:
  script: { type: ${FIXTURES}script-source.ts, file: ${script} }
sinks:
  alarms: { type: notify, webhook: { url: "${receiver.url}" }, group_wait: 100ms, batch: { max_wait: 10ms } }
  patient: { type: notify, webhook: { url: "${patient.url}" }, after: 1h, batch: { max_wait: 10ms } }
`,
  );
  const told = () =>
    receiver.received.flatMap(({ body }) => body.items.map(({ subject, kind }) => `${subject} ${kind}`));
  const toldTo = (subject: string) => told().filter((one) => one.startsWith(`${subject} `));
  await lifeguard.ready();
  const crashes: number[] = [];
  const crash = async () => {
    await lifeguard.crash();
    crashes.push(performance.now());
    await lifeguard.ready();
  };

  for (let round = 0; round < ROUNDS; round++) {
    const [standing, flapping, silent, early] = ["standing", "flapping", "silent", "early"].map(
      (name) => `${name}/${round}`,
    ) as [string, string, string, string];
    // Three episodes of one subject, as fast as they can be read; a crash at a random moment among them.
    for (let flap = 0; flap < 3; flap++) say(`${flapping} critical`, `${flapping} ok`);
    say(`${standing} warning`, `${standing} critical`, `${early} critical`);
    await pause(Math.random() * 300);
    await crash();
    await until(
      `what round ${round} owes before its silence`,
      () => toldTo(flapping).length >= 6 && toldTo(early).length >= 1,
    );

    // Wholly within a silence: never told. Told before, over within: told when it ends. A crash meanwhile changes nothing.
    const { stdout } = lifeguard.cli(
      "silence",
      `silent/${round}`,
      `early/${round}`,
      "--for",
      "1h",
      "-o",
      "json",
    );
    const { id } = JSON.parse(stdout) as { id: string };
    say(`${silent} critical`, `${early} ok`, `${silent} ok`, `${silent} critical`);
    await until("the silenced to be seen", () =>
      lifeguard.cli("status", `silent/${round}`).stdout.includes("critical"),
    );
    await pause(Math.random() * 300);
    await crash();
    say(`${standing} ok`);
    await until("a recovery beside the silence", () => toldTo(standing).includes(`${standing} recovered`));
    expect(toldTo(silent)).toEqual([]);
    expect(toldTo(early)).toEqual([`${early} down`]);
    expect(lifeguard.cli("silence", "end", id).code).toBe(0);
    await until(
      "what the end of the silence owes",
      () => toldTo(silent).length >= 1 && toldTo(early).length >= 2,
    );
    say(`${silent} ok`);
    await until("the last recovery", () => toldTo(silent).length >= 2);
  }
  await lifeguard.stop();

  const owed = Array.from({ length: ROUNDS }, (_, round) => [
    ...Array.from({ length: 3 }, () => [`flapping/${round} down`, `flapping/${round} recovered`]).flat(),
    `standing/${round} down`,
    `standing/${round} recovered`,
    `early/${round} down`,
    `early/${round} recovered`,
    `silent/${round} down`,
    `silent/${round} recovered`,
  ]).flat();
  // Everything was over within the hour that this one waits.
  expect(patient.received).toEqual([]);
  // A crash between the receiver's answer and the note of it tells the same message again, under the same id. There is no other repetition.
  const byId = new Map<string, Received>();
  const repeated = receiver.received.filter((one) => {
    const before = byId.get(one.body.id);
    byId.set(one.body.id, before ?? one);
    if (!before) return false;
    expect(one.body).toEqual(before.body);
    expect(crashes.some((at) => at > before.at && at < one.at)).toBe(true);
    return true;
  });
  const once = [...byId.values()].flatMap(({ body }) => body.items);
  console.log(
    `${byId.size} messages with ${once.length} changes; ${repeated.length} told twice under the same id, with a crash between`,
  );
  expect(new Set(once.map(({ id }) => id)).size).toBe(once.length);
  const worse = once.filter(({ kind }) => kind === "worse");
  expect(new Set(worse.map(({ subject }) => subject)).size).toBe(worse.length);
  expect(
    once
      .filter(({ kind }) => kind !== "worse")
      .map(({ subject, kind }) => `${subject} ${kind}`)
      .toSorted(),
  ).toEqual(owed.toSorted());
  for (const { headers, body } of receiver.received) expect(headers["idempotency-key"]).toBe(body.id);
});
