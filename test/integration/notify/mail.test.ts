import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/system-clock.ts";
import { smtpTarget } from "../../../src/sinks/notify/targets/smtp.ts";
import type { Mailbox } from "../../../src/sinks/notify/targets/smtp-config.ts";
import { MailServer, smtpMissing } from "../../servers/smtp.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { change, tellingOf } from "../../unit/sinks/notify/told.ts";

const missing = smtpMissing();
const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

function setUp(folder: string, server: MailServer, smtp = "", more = "") {
  const script = join(folder, "script");
  const lifeguard = new Lifeguard(
    folder,
    `
title: Überwachung
sources:
  script: { type: ${FIXTURES}script-source.ts, file: ${script} }
sinks:
  mail:
    type: notify
    smtp:
      host: localhost
      port: ${server.port}
      ca: ${server.ca}
      username: ${server.username}
      password: \${env:MAIL_PASSWORD}
      from: "Lifeguard <lifeguard@example.org>"
      to: ["Ops, on call <ops@example.org>", boss@example.org]
      timeout: 5s
      ${smtp}
    page_url: https://status.example.org/
    group_wait: 200ms
    backoff: { initial: 50ms, max: 500ms }
    batch: { max_wait: 10ms }
    ${more}
`,
    { environment: { MAIL_PASSWORD: server.password } },
  );
  const say = (...lines: string[]) => appendFileSync(script, lines.map((line) => `${line}\n`).join(""));
  const health = () => lifeguard.status()?.components.find(({ id }) => id === "sink/mail");
  return { lifeguard, say, health };
}

/** The lines of the plain part, by word and subject. */
function newsOf(raw: string): string[] {
  return [...raw.matchAll(/^(DOWN|WARNING|RECOVERED|TEST) ([^\s:]+)/gm)].map(
    ([, word, title]) => `${word} ${title}`,
  );
}

test.skipIf(missing)(
  "a mail has its parts, its names, its thread, and travels by STARTTLS and login",
  async () => {
    using folder = temporaryFolder();
    await using server = await MailServer.start();
    const { lifeguard, say } = setUp(folder.path, server);
    await using _ = lifeguard;
    await lifeguard.ready();
    say("promise/disk critical nur 3 % frei: <b>größer</b>");
    await until("the mail", () => server.mails().length === 1);
    say("promise/disk ok 50 % frei");
    await until("the other mail", () => server.mails().length === 2);
    const [down, recovered] = server.mails();
    expect(down?.to).toEqual(["ops@example.org", "boss@example.org"]);
    expect(down?.headers.get("x-test-tls")).toBe("True");
    expect(down?.headers.get("auto-submitted")).toBe("auto-generated");
    expect(down?.headers.get("from")).toBe("Lifeguard <lifeguard@example.org>");
    expect(down?.headers.get("to")).toBe('"Ops, on call" <ops@example.org>, boss@example.org');
    expect(down?.headers.get("subject")).toMatch(/^=\?UTF-8\?/);
    expect(down?.headers.get("message-id")).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
    expect(down?.headers.get("message-id")).not.toBe(recovered?.headers.get("message-id"));
    expect(down?.headers.get("references")).toBe(recovered?.headers.get("references"));
    expect(down?.headers.get("content-type")).toContain("multipart/alternative");
    const decoded = down?.raw
      .replace(/=\r\n/g, "")
      .replace(/(?:=[0-9A-F]{2})+/g, (code) => Buffer.from(code.replaceAll("=", ""), "hex").toString());
    expect(decoded).toContain("DOWN disk: nur 3 % frei: <b>größer</b>");
    expect(decoded).toContain("&lt;b&gt;größer&lt;/b&gt;");
    expect(decoded).toContain("https://status.example.org/public/disk/index.html");
    expect(lifeguard.output).not.toContain(server.password);
  },
);

test.skipIf(missing)(
  "a mail server that is down meanwhile gets everything once when it is back, through kill -9",
  async () => {
    using folder = temporaryFolder();
    await using server = await MailServer.start();
    const { lifeguard, say, health } = setUp(folder.path, server);
    await using _ = lifeguard;
    await lifeguard.ready();
    say("promise/first critical");
    await until("the first mail", () => server.mails().length === 1);

    await server.stop();
    for (let number = 0; number < 40; number++) say(`promise/${number} critical`);
    await until("the trouble to show", () => health()?.state === "recoverable");
    expect(health()?.message).toContain(`smtp://localhost:${server.port}`);
    // The sink goes on reading all the while: an outage at its far end holds back no cursor.
    await until("everything read", () => lifeguard.status()?.sinks.mail?.unread === 0);
    await lifeguard.crash();
    for (let number = 0; number < 20; number++) say(`promise/${number} ok`);
    lifeguard.start();
    await until("the past read", () => lifeguard.status()?.sinks.mail?.unread === 0);
    say("promise/first ok");
    await until("the trouble to show again", () => health()?.state === "recoverable");

    await server.start();
    const counted = () =>
      server.mails().reduce((sum, { raw }) => {
        const more = Number(/^and (\d+) more/m.exec(raw)?.[1] ?? 0);
        return sum + newsOf(raw).length + more;
      }, 0);
    await until("everything told", () => counted() >= 1 + 40 + 20 + 1);
    await until("no trouble any more", () => health()?.state === "ok");
    const mails = server.mails();
    const ids = mails.map(({ headers }) => headers.get("message-id"));
    expect(new Set(ids).size).toBe(ids.length);
    expect(counted()).toBe(1 + 40 + 20 + 1);
    const news = mails.flatMap(({ raw }) => newsOf(raw));
    expect(new Set(news).size).toBe(news.length);
    console.log(`${counted()} changes in ${mails.length} mails, each once`);
  },
);

test.skipIf(missing)(
  "a busy server is asked again, a full mailbox alone, and content that is refused is given up",
  async () => {
    using folder = temporaryFolder();
    await using server = await MailServer.start();
    const { lifeguard, say, health } = setUp(folder.path, server);
    await using _ = lifeguard;
    await lifeguard.ready();

    const quiet = server.behave("busy");
    say("promise/busy critical");
    await until("the trouble", () => health()?.message.includes("try again later"));
    quiet();
    await until("the mail", () => server.mails().length === 1);

    const emptied = server.behave("boss@example.org");
    say("promise/full critical");
    await until("the mail to the other", () => server.mails().length === 2);
    expect(server.mails()[1]?.to).toEqual(["ops@example.org"]);
    emptied();
    await until("the mail to the one who was left", () => server.mails().length === 3);
    expect(server.mails()[2]?.to).toEqual(["boss@example.org"]);
    expect(server.mails()[2]?.headers.get("message-id")).toBe(server.mails()[1]?.headers.get("message-id"));

    const relented = server.behave("refuse");
    say("promise/refused critical");
    await until("the refusal", () => health()?.message.includes("554"));
    relented();
    say("promise/next critical");
    await until("the next mail", () => server.mails().length === 4);
    expect(server.mails()[3]?.raw).toContain("1 earlier change was never told");
    await until("no trouble any more", () => health()?.state === "ok");

    const hired = server.behave("no boss@example.org");
    say("promise/left critical");
    await until("the one who is gone to be named", () =>
      health()?.message.includes("boss@example.org never gets it"),
    );
    expect(server.mails()[4]?.to).toEqual(["ops@example.org"]);
    hired();
    say("promise/last critical");
    await until("nobody to be gone", () => health()?.state === "ok");
    expect(server.mails()).toHaveLength(6);
  },
);

test.skipIf(missing)(
  "a refusal that is not about the mail waits for a correction, and nobody who is refused is passed over in silence",
  async () => {
    await using server = await MailServer.start();
    const { port, ca, username, password } = server;
    const [from, ...to] = ["lifeguard", "ops", "boss", "third"].map((name) => ({
      name: undefined,
      address: `${name}@example.org`,
    })) as [Mailbox, ...Mailbox[]];
    const options = {
      host: "localhost",
      port,
      security: "starttls",
      ca,
      username,
      password,
      from,
      to,
    } as const;
    const target = smtpTarget({ ...options, timeout: 10_000 }, systemClock);
    const tell = () => target.tell(tellingOf([change()]), null, new AbortController().signal);

    const paid = server.behave("quota");
    expect(await tell()).toMatchObject({
      kind: "failed",
      correctable: true,
      reason: expect.stringContaining("5.4.5"),
    });
    paid();
    const relented = server.behave("refuse");
    expect(await tell()).toMatchObject({ kind: "refused" });
    relented();
    server.behave("boss@example.org");
    server.behave("no third@example.org");
    expect(await tell()).toMatchObject({
      kind: "failed",
      left: ["boss@example.org"],
      except: expect.stringContaining("third@example.org never gets it"),
    });
    expect(server.mails().map((mail) => mail.to)).toEqual([["ops@example.org"]]);
  },
);

test.skipIf(missing)(
  "lifeguard notify test tells whether it works, and what is wrong where it does not",
  async () => {
    using folder = temporaryFolder();
    await using server = await MailServer.start();
    const { lifeguard } = setUp(folder.path, server);
    await using _ = lifeguard;
    await lifeguard.ready();
    const good = lifeguard.cli("notify", "test", "mail");
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("a test message was told to smtp://localhost"),
    });
    expect(newsOf(server.mails()[0]?.raw ?? "")).toEqual(["TEST this"]);
    await server.stop();
    expect(lifeguard.cli("notify", "test", "mail")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("ECONNREFUSED"),
    });
    expect(lifeguard.cli("notify", "test", "nobody")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no sink "nobody"'),
    });
  },
);

const LOGIN = `username: lifeguard, password: "\${env:MAIL_PASSWORD}"`;

test.skipIf(missing).each([
  ["a certificate that nobody trusts", `ca: /etc/ssl/certs/ca-certificates.crt, ${LOGIN}`, "self-signed"],
  ["a wrong password", `ca: CA, ${LOGIN}`, "535"],
  ["plain text where STARTTLS is wanted", "security: none", "530"],
])("%s gets no mail through, and the test says so", async (_, options, reason) => {
  using folder = temporaryFolder();
  await using server = await MailServer.start();
  await using lifeguard = new Lifeguard(
    folder.path,
    `
sinks:
  mail:
    type: notify
    smtp: { host: localhost, port: ${server.port}, from: a@example.org, to: b@example.org, ${options.replace("CA", server.ca)} }
`,
    { environment: { MAIL_PASSWORD: "not the one" } },
  );
  await lifeguard.ready();
  const { code, stderr } = lifeguard.cli("notify", "test", "mail");
  expect(stderr).toContain(reason);
  expect(code).toBe(1);
  expect(server.mails()).toEqual([]);
});
