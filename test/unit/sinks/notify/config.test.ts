import { describe, expect, test } from "vitest";
import { strictSchema } from "../../../../src/core/config/strict-schema.ts";
import { withFieldContext } from "../../../../src/plugin/field-context.ts";
import { notifyConfig } from "../../../../src/sinks/notify/config.ts";
import { isPublicUrl } from "../../../../src/sinks/notify/public-url.ts";

const schema = strictSchema(notifyConfig) as typeof notifyConfig;
const webhook = { url: "https://example.org/hook" };
const smtp = { host: "mail.example.org", from: "lifeguard@example.org", to: "ops@example.org" };

function problems(config: unknown): string[] {
  const parsed = schema.safeParse(config);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("targets", () => {
  test("there is exactly one", () => {
    expect(problems({})).toEqual([": whom to tell is missing: write one of webhook, smtp, exec"]);
    expect(problems({ webhook, smtp })).toEqual([
      "smtp: a sink tells one target, and this one has webhook already: make another sink for smtp",
    ]);
    for (const one of [{ webhook }, { smtp }, { exec: { command: "/bin/true" } }])
      expect(problems(one)).toEqual([]);
  });

  test("unknown keys are errors at any depth, but not in a body", () => {
    expect(problems({ webhook: { ...webhook, verify: false } })).toHaveLength(1);
    expect(problems({ webhook: { ...webhook, body: { anything: { goes: [1, "{{title}}"] } } } })).toEqual([]);
  });
});

describe("webhook", () => {
  test.each([
    [{ url: "ftp://example.org" }, "webhook.url: expected an address"],
    [{ url: "https://a:b@example.org" }, "a login does not belong into the address"],
    [{}, "webhook.url: where to is missing"],
    [
      { ...webhook, preset: "pagerduty" },
      "webhook.routing_key: the preset pagerduty needs its integration key",
    ],
    [{ ...webhook, routing_key: "x" }, "webhook.routing_key: only the preset pagerduty has one"],
    [{ ...webhook, preset: "ntfy" }, "webhook.topic: the preset ntfy needs a topic"],
    [
      { url: "https://ntfy.sh/alarms", preset: "ntfy", topic: "alarms" },
      "webhook.url: the preset ntfy sends to the root of the server",
    ],
    [{ ...webhook, preset: "slack", body: {} }, "webhook.body: the preset slack makes the body"],
    [{ ...webhook, headers: { "X-Api-Key": "x" } }, "this header holds a secret"],
    [{ ...webhook, headers: { "X A": "x" } }, "this is no name of a header"],
    [{ ...webhook, headers: { "X-A": "a\r\nX-B: c" } }, "a header's value is one line of ASCII"],
    [{ ...webhook, secret_headers: { Host: "x" } }, "this header is set by lifeguard itself"],
    [{ ...webhook, body: { a: "{{titel}}" } }, "webhook.body.a: {{titel}} names nothing"],
  ])("%j is refused: %s", (config, problem) => {
    expect(problems({ webhook: config }).join("\n")).toContain(problem);
  });

  test("pagerduty knows its own address", () => {
    const parsed = schema.parse({ webhook: { preset: "pagerduty", routing_key: "x" } });
    expect(parsed.webhook?.url.href).toBe("https://events.pagerduty.com/v2/enqueue");
  });

  test("an address may stand in plain text only where nothing in it looks like a key", () => {
    const of = (url: string) => isPublicUrl(url);
    expect(
      ["https://ntfy.sh", "http://127.0.0.1:8000/hook", "https://example.org/api/v2/alerts"].map(of),
    ).toEqual([true, true, true]);
    expect(
      [
        "https://hooks.slack.com/services/T000/B000/abcdefghijklmnopqrstuvwx",
        "https://mm.example.org/hooks/abcdefghijklmnopqrstuvwxyz",
        "https://prod.example.org/workflows/1/paths/invoke?sig=abc",
        "https://user:hush@example.org/",
      ].map(of),
    ).toEqual([false, false, false, false]);
  });
});

test("an executable's path is found from the folder of the file it stands in; a mere name in PATH", () => {
  const command = (text: string) =>
    withFieldContext(
      { baseDirectory: "/etc/lifeguard" },
      () => schema.parse({ exec: { command: text } }).exec?.command,
    );
  expect([command("./tell.sh"), command("/bin/tell"), command("tell")]).toEqual([
    "/etc/lifeguard/tell.sh",
    "/bin/tell",
    "tell",
  ]);
});

describe("smtp", () => {
  test.each([
    [{ ...smtp, to: [] }, "at least one address"],
    [{ ...smtp, to: "a@example.org\r\nBcc: b@example.org" }, "expected an address"],
    [{ ...smtp, to: ["a@example.org, b@example.org"] }, "expected an address"],
    [{ ...smtp, to: ["Ops <a@example.org>, <b@example.org>"] }, "expected an address"],
    [{ ...smtp, to: "O\r\nBcc: b@example.org <a@example.org>" }, "expected an address"],
    [{ ...smtp, from: "Lifeguard <x>" }, "expected an address"],
    [{ ...smtp, from: "L\nBcc: b@example.org <x@example.org>" }, "expected an address"],
    [{ ...smtp, username: "x" }, "smtp.username: a login has a username and a password"],
    [{ ...smtp, username: "x", password: "y", security: "none" }, "a password does not travel in plain text"],
    [{ ...smtp, host: "mail.example.org/x" }, "expected the name of a mail server"],
    [{ ...smtp, host: "mail.example.org:587" }, "without a port: write it as port"],
    [{ ...smtp, to: "a@example.org, b@example.org" }, "several are a list"],
  ])("%j is refused: %s", (config, problem) => {
    expect(problems({ smtp: config }).join("\n")).toContain(problem);
  });

  test("the port follows the way it is secured, and a name may stand before an address", () => {
    const port = (more: object) => schema.parse({ smtp: { ...smtp, ...more } }).smtp?.port;
    expect([port({}), port({ security: "tls" }), port({ security: "none" }), port({ port: 2525 })]).toEqual([
      587, 465, 25, 2525,
    ]);
    expect(schema.parse({ smtp: { ...smtp, from: '"Life, guard" <lg@example.org>' } }).smtp?.from).toEqual({
      name: "Life, guard",
      address: "lg@example.org",
    });
    expect(
      schema.parse({ smtp: { ...smtp, to: ["On call <ops@example.org>", "a@b.org"] } }).smtp?.to,
    ).toEqual([
      { name: "On call", address: "ops@example.org" },
      { name: undefined, address: "a@b.org" },
    ]);
  });
});
