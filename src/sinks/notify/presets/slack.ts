import type { Json } from "../../../plugin/index.ts";
import type { Item, Telling } from "../telling.ts";
import { cut } from "../text.ts";
import type { Preset } from "./preset.ts";

/** Of a header block (https://docs.slack.dev/reference/block-kit/blocks/header-block). */
const MOST_HEADER = 150;
/** A section's text may have 3,000 characters, and escaping may make five of one. */
const MOST_MESSAGE = 400;
const MOST_TITLE = 100;
/** Of a name beyond ASCII an address makes nine characters each; a link that is cut leads nowhere. */
const MOST_URL = 400;

const ICON = { critical: "🔴", warning: "🟠", unknown: "⚪", ok: "🟢" } as const;

/**
 * Slack's incoming webhooks: blocks, and `text` for notifications (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
 */
export const slack: Preset = {
  most: Number.POSITIVE_INFINITY,
  bodies(telling: Telling): readonly Json[] {
    return [
      {
        text: escapeSlack(telling.title),
        blocks: [
          {
            type: "header",
            text: { type: "plain_text", text: cut(telling.title, MOST_HEADER), emoji: false },
          },
          ...telling.listed.map((item) => section(sectionText(item))),
          ...telling.notes.map((note) => section(escapeSlack(note))),
        ],
      },
    ];
  },
};

function sectionText({ word, title, message, when, url, status }: Item): string {
  const name = escapeSlack(cut(title, MOST_TITLE));
  const link =
    url === null || url.length > MOST_URL ? name : `<${escapeSlack(url).replaceAll("|", "%7C")}|${name}>`;
  return `${ICON[status]} *${word}* ${link}\n${escapeSlack(cut(message, MOST_MESSAGE))}\n_${when}_`;
}

/** `verbatim` keeps Slack from reading names, channels and addresses into the text. */
function section(text: string): Json {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

/** The three characters that control Slack's markup (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
