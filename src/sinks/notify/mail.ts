import type { Item, Telling } from "./telling.ts";

/** A mail, but for its addresses. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const COLOUR = { critical: "#b91c1c", warning: "#b45309", unknown: "#4b5563", ok: "#15803d" } as const;

/** A telling as a mail: lines for those who read text, a table for the others. */
export function mailOf({ title, text, items, notes, url, sender }: Telling): Mail {
  const footer = url === null ? "" : `<p><a href="${escapeHtml(url)}">Open the page</a></p>`;
  return {
    subject: title,
    text: `${text}\n\n-- \n${sender}${url === null ? "" : `  ${url}`}\n`,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body style="font-family:sans-serif">
<table cellpadding="6" style="border-collapse:collapse">
${items.map(row).join("\n")}
</table>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("\n")}
${footer}
<p style="color:#4b5563">${escapeHtml(sender)}</p>
</body></html>
`,
  };
}

function row({ word, title, message, when, url, status }: Item): string {
  const name = escapeHtml(title);
  const link = url === null ? name : `<a href="${escapeHtml(url)}">${name}</a>`;
  return `<tr style="border-bottom:1px solid #d1d5db;vertical-align:top"><td style="color:${COLOUR[status]}"><strong>${escapeHtml(word)}</strong></td><td>${link}</td><td>${escapeHtml(message)}<br><small style="color:#4b5563">${escapeHtml(when)}</small></td></tr>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
