import type { Json } from "../../../plugin/index.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { measured } from "./measure.ts";

/** What the head of the page says already. */
const SAID = new Set(["status", "message", "title", "description", "date", "change-time"]);

/** Headings for the words of a status file that are no words. */
const HEADINGS: Readonly<Record<string, string>> = {
  error: "Standard error",
  "execution-time": "Execution time",
  returncode: "Exit code",
  "start-date": "Started",
  truncated: "Truncated",
  note: "Note",
};

/** The data of an event: short values in a list, long and nested ones in full below it. */
export function facts(data: Json): HtmlValue {
  if (data === null || typeof data !== "object" || Array.isArray(data))
    return data === null || data === "" ? null : block("Data", text(data));
  const entries = Object.entries(data as { [key: string]: Json }).filter(
    ([key, value]) => !SAID.has(key) && value !== null && value !== "",
  );
  const short = entries.filter(([, value]) => isShort(value));
  const long = entries.filter(([, value]) => !isShort(value));
  return [
    short.length > 0 &&
      html`<section><h2>Details</h2><dl>${short.map(([key, value]) => html`<div><dt>${heading(key)}</dt><dd>${key === "execution-time" && typeof value === "number" ? measured({ value, unit: "s" }) : text(value)}</dd></div>`)}</dl></section>`,
    ...long.map(([key, value]) => block(heading(key), text(value))),
  ];
}

function block(name: string, content: string): Html {
  return html`<section><h2>${name}</h2><pre tabindex="0">${content}</pre></section>`;
}

function isShort(value: Json): boolean {
  return typeof value === "string"
    ? value.length <= 100 && !value.trimEnd().includes("\n")
    : typeof value !== "object";
}

function heading(key: string): string {
  return HEADINGS[key] ?? key;
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
