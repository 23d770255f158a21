import type { Json } from "../../../plugin/index.ts";
import type { Item, Telling } from "../telling.ts";
import { cut } from "../text.ts";
import type { Preset } from "./preset.ts";

const COLOUR = { critical: "#b91c1c", warning: "#b45309", unknown: "#6b7280", ok: "#15803d" } as const;
const MOST_MESSAGE = 1000;

/**
 * Mattermost's incoming webhooks: one attachment, as only those have a colour
 * (https://developers.mattermost.com/integrate/reference/message-attachments).
 */
export const mattermost: Preset = {
  most: Number.POSITIVE_INFINITY,
  bodies(telling: Telling): readonly Json[] {
    return [
      {
        attachments: [
          {
            fallback: defuse(telling.title),
            color: COLOUR[telling.status],
            title: defuse(telling.title),
            ...(telling.url !== null && { title_link: telling.url }),
            text: [...telling.listed.map(line), ...telling.notes.map(escapeMarkdown)].join("\n"),
          },
        ],
      },
    ];
  },
};

function line({ word, title, message, when, url }: Item): string {
  const name = escapeMarkdown(cut(title, 200));
  const link = url === null ? name : `[${name}](<${url.replaceAll(">", "%3E")}>)`;
  return `- **${word}** ${link}: ${escapeMarkdown(cut(message, MOST_MESSAGE))} (${when})`;
}

/** Takes the meaning from every character that Markdown, hashtags and channels give one. */
function escapeMarkdown(text: string): string {
  return defuse(text.replace(/[\\`*_{}[\]()#+\-.!|>~]/g, "\\$&"));
}

/** A zero-width space after the sign: what a check printed must not call a whole channel. */
function defuse(text: string): string {
  return text.replaceAll("@", "@\u200b");
}
