import type { Json } from "../../../plugin/index.ts";
import type { Item, Telling } from "../telling.ts";
import { cut } from "../text.ts";
import type { Preset } from "./preset.ts";

/** Teams takes 28 KB a message; some room is left for what its workflow adds. */
const MOST_BYTES = 26_000;
const MOST_MESSAGE = 600;

const COLOUR = { critical: "attention", warning: "warning", unknown: "default", ok: "good" } as const;

/**
 * An Adaptive Card for the Teams workflow “Post to a channel when a webhook request is received”
 * (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using). Texts are runs of a RichTextBlock,
 * in which Markdown has no meaning.
 */
export const teams: Preset = {
  most: Number.POSITIVE_INFINITY,
  bodies(telling: Telling): readonly Json[] {
    let listed = telling.listed.length;
    let body = message(telling, listed);
    while (listed > 1 && Buffer.byteLength(JSON.stringify(body)) > MOST_BYTES) {
      listed = Math.ceil(listed / 2);
      body = message(telling, listed);
    }
    return [body];
  },
};

function message(telling: Telling, listed: number): Json {
  const unlisted = telling.listed.length - listed;
  const notes = unlisted > 0 ? [`and ${unlisted} more, for which there is no room here`] : [];
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          fallbackText: telling.title,
          body: [
            block([run(telling.title, { weight: "bolder", size: "medium" })]),
            ...telling.listed.slice(0, listed).map(itemBlock),
            ...[...notes, ...telling.notes].map((note) => block([run(note, { isSubtle: true })])),
          ],
          ...(telling.url !== null && {
            actions: [{ type: "Action.OpenUrl", title: "Open the page", url: telling.url }],
          }),
        },
      },
    ],
  };
}

function itemBlock({ word, title, message: why, when, status }: Item): Json {
  return block([
    run(`${word} `, { weight: "bolder", color: COLOUR[status] }),
    run(`${cut(title, 200)}: ${cut(why, MOST_MESSAGE)} `, {}),
    run(`(${when})`, { isSubtle: true }),
  ]);
}

function block(inlines: readonly Json[]): Json {
  return { type: "RichTextBlock", inlines };
}

function run(text: string, style: { readonly [key: string]: Json }): Json {
  return { type: "TextRun", text, ...style };
}
