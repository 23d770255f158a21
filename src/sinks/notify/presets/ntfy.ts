import type { Json } from "../../../plugin/index.ts";
import type { Telling } from "../telling.ts";
import type { Preset } from "./preset.ts";

/** A longer message becomes an attachment, which not every server takes (https://docs.ntfy.sh/publish/#limitations). */
const MOST_BYTES = 3800;

/** From 1 (min) to 5 (max), https://docs.ntfy.sh/publish/#message-priority. */
const PRIORITY = { critical: 5, warning: 4, unknown: 3, ok: 3 } as const;
/** Short codes of emojis, https://docs.ntfy.sh/publish/#tags-emojis. */
const TAG = {
  critical: "rotating_light",
  warning: "warning",
  unknown: "grey_question",
  ok: "white_check_mark",
} as const;

/**
 * ntfy's publishing as JSON (https://docs.ntfy.sh/publish/#publish-as-json), to the root of the server.
 * @param topic where to
 */
export function ntfy(topic: string): Preset {
  return {
    most: Number.POSITIVE_INFINITY,
    bodies: ({ title, text, status, url }: Telling): readonly Json[] => [
      {
        topic,
        title,
        message: cutBytes(text, MOST_BYTES),
        priority: PRIORITY[status],
        tags: [TAG[status]],
        ...(url !== null && { click: url }),
      },
    ],
  };
}

function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  // The last character may have lost a part.
  return `${bytes
    .subarray(0, most)
    .toString()
    .replace(/\uFFFD+$/, "")}…`;
}
