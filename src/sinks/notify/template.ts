import type { Json } from "../../plugin/index.ts";
import { type Item, MOST_FOR_MACHINES, type Telling, tellingJson } from "./telling.ts";

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const WHOLE = /^\{\{\s*([^{}]*?)\s*\}\}$/;
const LABEL = /^labels\.(.+)$/;

/** What a template may name of a message. */
const OF_MESSAGE: Readonly<Record<string, (telling: Telling) => Json>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  title: ({ title }) => title,
  text: ({ text }) => text,
  status: ({ status }) => status,
  count: ({ count }) => count,
  notes: ({ notes }) => notes,
  url: ({ url }) => url,
  sender: ({ sender }) => sender,
  items: (telling) => (tellingJson(telling) as { readonly items: Json }).items,
};

/** What only one change has: a template that names it makes a message of each, or tells the first of many. */
const OF_ITEM: Readonly<Record<string, (item: Item) => Json>> = {
  word: ({ word }) => word,
  subject: ({ subject }) => subject,
  message: ({ message }) => message,
  when: ({ when }) => when,
  since: ({ since }) => since,
  ended: ({ ended }) => ended,
  state: ({ state }) => state,
  episode: ({ episode }) => episode,
  source: ({ source }) => source,
  origin: ({ origin }) => origin,
};

/** The names that a template may use, beside `labels.<name>`. */
export const TEMPLATE_NAMES: readonly string[] = [...Object.keys(OF_MESSAGE), ...Object.keys(OF_ITEM)];

/** What is wrong with a template: one line each, with the path to it. Empty where nothing is. */
export function templateProblems(template: Json): Array<{ path: (string | number)[]; problem: string }> {
  const problems: Array<{ path: (string | number)[]; problem: string }> = [];
  walk(template, [], (text, path) => {
    for (const [placeholder, name = ""] of text.matchAll(PLACEHOLDER))
      if (!TEMPLATE_NAMES.includes(name) && !LABEL.test(name))
        problems.push({
          path,
          problem: `${placeholder} names nothing: write one of ${TEMPLATE_NAMES.join(", ")}, or labels.<name>`,
        });
    if (/\{\{|\}\}/.test(text.replaceAll(PLACEHOLDER, "")))
      problems.push({ path, problem: "{{ and }} do not match here" });
  });
  return problems;
}

/**
 * Most changes of a message that a template tells whole: one, if it names what only one change has and nothing that has them all; what
 * `items` has room for; else any number, as `text` sums up.
 */
export function templateMost(template: Json): number {
  const names = new Set<string>();
  walk(template, [], (text) => {
    for (const [, name = ""] of text.matchAll(PLACEHOLDER)) names.add(name);
  });
  if (names.has("items")) return MOST_FOR_MACHINES;
  const ofOne = [...names].some((name) => LABEL.test(name) || Object.hasOwn(OF_ITEM, name));
  return ofOne && !names.has("text") ? 1 : Number.POSITIVE_INFINITY;
}

/**
 * Fills a template in: a text that is one whole placeholder becomes the value with its type, others become text. There is nothing to escape,
 * as values are put into JSON and not into its text.
 */
export function fillTemplate(template: Json, telling: Telling): Json {
  if (typeof template === "string") return fillText(template, telling);
  if (Array.isArray(template)) return template.map((one: Json) => fillTemplate(one, telling));
  if (template === null || typeof template !== "object") return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, fillTemplate(value, telling)]),
  );
}

function fillText(text: string, telling: Telling): Json {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return namedValue(whole, telling);
  return text.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = namedValue(name, telling);
    if (value === null) return "";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

function namedValue(name: string, telling: Telling): Json {
  const ofMessage = OF_MESSAGE[name];
  if (ofMessage) return ofMessage(telling);
  const [first] = telling.items;
  if (!first) return null;
  const label = LABEL.exec(name)?.[1];
  if (label !== undefined) return Object.hasOwn(first.labels, label) ? (first.labels[label] as string) : "";
  return OF_ITEM[name]?.(first) ?? null;
}

function walk(
  value: Json,
  path: (string | number)[],
  visit: (text: string, path: (string | number)[]) => void,
): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value))
    for (const [index, one] of value.entries()) walk(one, [...path, index], visit);
  else if (value !== null && typeof value === "object")
    for (const [key, one] of Object.entries(value)) walk(one, [...path, key], visit);
}
