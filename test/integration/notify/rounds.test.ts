import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Mail, MailServer, smtpMissing } from "../../servers/smtp.ts";
import { WebhookReceiver } from "../../servers/webhook.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const ROUNDS = 10;
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

/** What a mail tells, as the receiver of the webhook puts it. */
function newsOf({ raw }: Mail): string[] {
  const kinds: Readonly<Record<string, string>> = { DOWN: "down", WARNING: "down", RECOVERED: "recovered" };
  return [...raw.matchAll(/^(DOWN|WARNING|RECOVERED) ([^\s:]+): /gm)].map(
    ([, word = "", subject]) => `${subject} ${kinds[word]}`,
  );
}

/**
 * Those that came first under their id. A crash between the answer of the far end and the note of it tells the same message again, under
 * the same id: every other repetition is a mistake.
 */
function first<Message extends { readonly at: number }>(
  messages: readonly Message[],
  idOf: (message: Message) => string | undefined,
  crashes: readonly number[],
): Message[] {
  const known = new Map<string | undefined, Message>();
  for (const message of messages) {
    const before = known.get(idOf(message));
    if (before) expect(crashes.some((at) => at > before.at && at < message.at)).toBe(true);
    else known.set(idOf(message), message);
  }
  return [...known.values()];
}

test(`${ROUNDS} rounds of flap, kill -9 and silence: exactly the messages owed`, async () => {
  using folder = temporaryFolder();
  await using receiver = await WebhookReceiver.start();
  await using server = smtpMissing() ? null : await MailServer.start();
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
${
  server
    ? `  mail:
    type: notify
    smtp: { host: localhost, port: ${server.port}, ca: ${server.ca}, username: ${server.username}, password: "\${env:MAIL_PASSWORD}", from: lg@example.org, to: ops@example.org }
    group_wait: 100ms
    list: 40
    backoff: { initial: 50ms, max: 500ms }
    batch: { max_wait: 10ms }`
    : ""
}
  patient: { type: notify, webhook: { url: "${patient.url}" }, after: 1h, batch: { max_wait: 10ms } }
`,
    { environment: { MAIL_PASSWORD: server?.password ?? "" } },
  );
  const crashes: number[] = [];
  const messages = () => first(receiver.received, ({ body }) => body.id, crashes);
  const told = () =>
    messages().flatMap(({ body }) => body.items.map(({ subject, kind }) => `${subject} ${kind}`));
  const toldTo = (subject: string) => told().filter((one) => one.startsWith(`${subject} `));
  await lifeguard.ready();
  const crash = async () => {
    await lifeguard.crash();
    crashes.push(Date.now());
    await lifeguard.ready();
  };

  for (let round = 0; round < ROUNDS; round++) {
    const [standing, flapping, silent, early] = ["standing", "flapping", "silent", "early"].map(
      (name) => `${name}/${round}`,
    ) as [string, string, string, string];
    // Three episodes of one subject, as fast as they can be read; a crash at a random moment among them.
    for (let flap = 0; flap < 3; flap++) say(`${flapping} critical`, `${flapping} ok`);
    say(`${standing} warning`, `${standing} critical`, `${early} critical`);
    // Chance is the point here, and below: nothing is waited for.
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
  const owed = Array.from({ length: ROUNDS }, (_, round) => [
    ...Array.from({ length: 3 }, () => [`flapping/${round} down`, `flapping/${round} recovered`]).flat(),
    `standing/${round} down`,
    `standing/${round} recovered`,
    `early/${round} down`,
    `early/${round} recovered`,
    `silent/${round} down`,
    `silent/${round} recovered`,
  ]).flat();
  const mailed = () =>
    first(server?.mails() ?? [], ({ headers }) => headers.get("message-id"), crashes).flatMap(newsOf);
  if (server) await until("the last mail", () => mailed().length >= owed.length);
  await lifeguard.stop();

  // Everything was over within the hour that this one waits.
  expect(patient.received).toEqual([]);
  if (server) expect(mailed().toSorted()).toEqual(owed.toSorted());
  const once = messages().flatMap(({ body }) => body.items);
  console.log(
    `webhook: ${messages().length} messages with ${once.length} changes, and ${receiver.received.length - messages().length} told twice; ` +
      `mail: ${server?.mails().length ?? 0} with ${mailed().length} changes but those that got worse`,
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
