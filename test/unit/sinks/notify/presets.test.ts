import { describe, expect, test } from "vitest";
import type { Change } from "../../../../src/sinks/notify/change.ts";
import { mattermost } from "../../../../src/sinks/notify/presets/mattermost.ts";
import { ntfy } from "../../../../src/sinks/notify/presets/ntfy.ts";
import { pagerduty } from "../../../../src/sinks/notify/presets/pagerduty.ts";
import { plain } from "../../../../src/sinks/notify/presets/plain.ts";
import { slack } from "../../../../src/sinks/notify/presets/slack.ts";
import { teams } from "../../../../src/sinks/notify/presets/teams.ts";
import { TellingMaker } from "../../../../src/sinks/notify/telling.ts";
import { change, HOSTILE, tellingOf } from "./told.ts";

const PAGE = "https://status.example.org/lg/public/disk/index.html";
const recovered = change({
  id: "episode-1/recovered",
  kind: "recovered",
  status: "ok",
  ended: "2026-01-31T12:00:00.000Z",
});

function many(count: number, more: Partial<Change> = {}): Change[] {
  return Array.from({ length: count }, (_, number) => change({ subject: `promise/${number}`, ...more }));
}

describe("slack", () => {
  test("has blocks, and a text for notifications", () => {
    expect(slack.bodies(tellingOf([change()]))).toEqual([
      {
        text: "[My platform] DOWN Disk space",
        blocks: [
          {
            type: "header",
            text: { type: "plain_text", text: "[My platform] DOWN Disk space", emoji: false },
          },
          {
            type: "section",
            text: {
              type: "mrkdwn",
              verbatim: true,
              text: `🔴 *DOWN* <${PAGE}|Disk space>\n3 % free\n_down since 2026-01-31 10:00:00 UTC_`,
            },
          },
        ],
      },
    ]);
  });

  test("mentions nobody and links nowhere that lifeguard did not mean", () => {
    const [body] = slack.bodies(tellingOf([change({ message: HOSTILE, title: HOSTILE })])) as [
      { text: string; blocks: { text: { type: string; text: string } }[] },
    ];
    const read = body.blocks.filter(({ text }) => text.type === "mrkdwn");
    const text = [body.text, ...read.map((block) => block.text.text)].join("\n");
    expect(read).toHaveLength(1);
    expect(text).not.toMatch(/<(?!https:\/\/status)/);
    expect(text).toContain("&lt;!channel&gt;");
  });

  test("stays within Slack's limits with as much as there can be", () => {
    const [body] = slack.bodies(
      tellingOf(many(500, { message: "&".repeat(3000), title: "<".repeat(500) }), { listed: 40, lost: 3 }),
    ) as [{ blocks: { type: string; text: { text: string } }[] }];
    const [strange] = slack.bodies(
      tellingOf([change({ subject: "ü".repeat(500), message: "&".repeat(3000), title: "<".repeat(500) })]),
    ) as [typeof body];
    expect(body.blocks.length).toBeLessThanOrEqual(50);
    for (const { type, text } of [...body.blocks, ...strange.blocks])
      expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3000);
  });
});

describe("teams", () => {
  test("is an Adaptive Card in a message, whose texts no Markdown is read into", () => {
    const [body] = teams.bodies(tellingOf([change({ message: HOSTILE })])) as [
      { type: string; attachments: { contentType: string; content: Record<string, unknown> }[] },
    ];
    expect(body.type).toBe("message");
    const [attachment] = body.attachments;
    expect(attachment?.contentType).toBe("application/vnd.microsoft.card.adaptive");
    expect(attachment?.content).toMatchObject({
      type: "AdaptiveCard",
      version: "1.4",
      actions: [{ type: "Action.OpenUrl", url: PAGE }],
    });
    const blocks = attachment?.content.body as { type: string; inlines: { type: string }[] }[];
    expect(new Set(blocks.map(({ type }) => type))).toEqual(new Set(["RichTextBlock"]));
    expect(new Set(blocks.flatMap(({ inlines }) => inlines.map(({ type }) => type)))).toEqual(
      new Set(["TextRun"]),
    );
  });

  test("stays within 28 KB, and says what it left out", () => {
    const [body] = teams.bodies(tellingOf(many(40, { message: "ü".repeat(3000) }), { listed: 40 }));
    const text = JSON.stringify(body);
    expect(Buffer.byteLength(text)).toBeLessThan(28_000);
    expect(text).toMatch(/and \d+ more, for which there is no room here/);
  });
});

describe("mattermost", () => {
  test("is one attachment with a colour", () => {
    const title = "[My platform] DOWN Disk space";
    expect(mattermost.bodies(tellingOf([change()]))).toEqual([
      {
        attachments: [
          {
            fallback: title,
            color: "#b91c1c",
            title,
            title_link: PAGE,
            text: `- **DOWN** [Disk space](<${PAGE}>): 3 % free (down since 2026-01-31 10:00:00 UTC)`,
          },
        ],
      },
    ]);
  });

  test("calls no channel, and formats nothing that a check printed", () => {
    const bodies = mattermost.bodies(tellingOf([change({ message: HOSTILE, title: HOSTILE })]));
    expect(JSON.stringify(bodies)).not.toMatch(/@(?:channel|all|here)/);
    const [{ attachments }] = bodies as [{ attachments: { text: string }[] }];
    expect(attachments[0]?.text).toContain("\\*b\\*");
    expect(attachments[0]?.text).not.toContain("[e](http");
  });
});

describe("pagerduty", () => {
  const preset = pagerduty("key");

  test("triggers and resolves one alert an episode", () => {
    const [trigger] = preset.bodies(tellingOf([change()]));
    expect(trigger).toEqual({
      routing_key: "key",
      event_action: "trigger",
      dedup_key: "episode-1",
      client: "My platform",
      client_url: PAGE,
      links: [{ href: PAGE, text: "Disk space" }],
      payload: {
        summary: "DOWN Disk space: 3 % free",
        source: "promise/disk",
        severity: "critical",
        timestamp: "2026-01-31T10:00:00.000Z",
        component: "promises",
        class: "BAD",
        custom_details: {
          message: "3 % free",
          when: "down since 2026-01-31 10:00:00 UTC",
          labels: { team: "platform" },
          origin: "here",
        },
      },
    });
    expect(preset.bodies(tellingOf([recovered]))).toEqual([
      { routing_key: "key", event_action: "resolve", dedup_key: "episode-1" },
    ]);
    expect(preset).toMatchObject({ most: 1, closes: true });
  });

  test("resolves what is not watched any more", () => {
    const retired = change({ kind: "retired" });
    expect(preset.bodies(tellingOf([retired]))).toEqual([
      { routing_key: "key", event_action: "resolve", dedup_key: "episode-1" },
    ]);
  });

  test("keeps its limits", () => {
    const [body] = preset.bodies(
      tellingOf([change({ episode: "e".repeat(300), message: "m".repeat(5000) })]),
    ) as [{ dedup_key: string; payload: { summary: string } }];
    expect(body.dedup_key.length).toBeLessThanOrEqual(255);
    expect(body.payload.summary.length).toBe(1024);
  });

  test("a test leaves no alert behind", () => {
    const maker = new TellingMaker({
      title: undefined,
      pageUrl: () => undefined,
      listed: 1,
      board: { find: () => [], subjects: () => [] },
    });
    const bodies = preset.bodies(maker.test("t1", "2026-01-31T10:00:00.000Z", "here")) as {
      event_action: string;
      dedup_key: string;
    }[];
    expect(bodies.map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
      ["trigger", "t1"],
      ["resolve", "t1"],
    ]);
  });
});

describe("ntfy", () => {
  test("publishes JSON with priority, tags and a click", () => {
    const [down] = ntfy("alarms").bodies(tellingOf([change()]));
    expect(down).toEqual({
      topic: "alarms",
      title: "[My platform] DOWN Disk space",
      message: expect.stringContaining("3 % free"),
      priority: 5,
      tags: ["rotating_light"],
      click: PAGE,
    });
    expect(ntfy("alarms").bodies(tellingOf([recovered]))[0]).toMatchObject({
      priority: 3,
      tags: ["white_check_mark"],
    });
  });

  test("cuts before a message becomes an attachment, and between characters", () => {
    const [body] = ntfy("alarms").bodies(
      tellingOf(many(40, { message: "€".repeat(1000) }), { listed: 40 }),
    ) as [{ message: string }];
    expect(Buffer.byteLength(body.message)).toBeLessThan(4096);
    expect(body.message).not.toContain("\uFFFD");
  });
});

test("without a preset and a template everything is told as JSON", () => {
  expect(plain(undefined).bodies(tellingOf([change()]))[0]).toMatchObject({
    id: "0123456789abcdef0123456789abcdef",
    kind: "down",
    count: 1,
    items: [{ id: "episode-1/down", subject: "promise/disk", labels: { team: "platform" }, url: PAGE }],
  });
});
