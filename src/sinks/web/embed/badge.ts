import { type Html, html } from "../page/html.ts";
import type { Word } from "../page/shapes.ts";

/** What a badge says. */
export interface Badge {
  readonly label: string;
  readonly value: string;
  readonly tone: Word | "none";
}

/** White text has a contrast of 4.5:1 or more on each of them. */
const COLOURS: Readonly<Record<Badge["tone"], string>> = {
  critical: "#b91c1c",
  warning: "#b45309",
  ok: "#15803d",
  unknown: "#526074",
  stale: "#526074",
  pending: "#526074",
  none: "#526074",
};
const LABEL_COLOUR = "#334155";

const HEIGHT = 20;
const PADDING = 6;

/** The badge as a drawing in the shape that badges have everywhere. */
export function badgeSvg({ label, value, tone }: Badge): Html {
  const left = label === "" ? 0 : widthOf(label) + 2 * PADDING;
  const right = widthOf(value) + 2 * PADDING;
  const title = label === "" ? value : `${label}: ${value}`;
  const text = (words: string, x: number) =>
    html`<text x="${x}" y="14" textLength="${widthOf(words)}">${words}</text>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}"><title>${title}</title><clipPath id="round"><rect width="${left + right}" height="${HEIGHT}" rx="3"/></clipPath><g clip-path="url(#round)"><rect width="${left}" height="${HEIGHT}" fill="${LABEL_COLOUR}"/><rect x="${left}" width="${right}" height="${HEIGHT}" fill="${COLOURS[tone]}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${label !== "" && text(label, PADDING)}${text(value, left + PADDING)}</g></svg>
`;
}

/** The badge as shields.io reads it (https://shields.io/badges/endpoint-badge). */
export function badgeJson({ label, value, tone }: Badge): string {
  return JSON.stringify({ schemaVersion: 1, label, message: value, color: COLOURS[tone].slice(1) });
}

/** About how wide a text in Verdana of 11 pixels is; the drawing then fits the text to it. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[ijl.,:;'|!I[\]()\s]/.test(character)) width += 4.2;
    else if (/[mwMW%@]/.test(character)) width += 10.4;
    else if (/[A-Z]/.test(character)) width += 7.8;
    else if (/[\u{1100}-\u{11FF}\u{2E80}-\u{FFDC}\u{1F000}-\u{3FFFF}]/u.test(character)) width += 11.5;
    else width += 6.7;
  }
  return Math.max(4, Math.round(width));
}
