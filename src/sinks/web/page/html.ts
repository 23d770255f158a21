/** Text that is HTML already. Only the tag below makes it. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template. Nothing, null and false are left out; arrays are joined; everything that is not Html is escaped. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** The template tag of every page. Values are escaped for text and for attributes in quotes, so attributes are always quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] as string;
  for (let at = 0; at < values.length; at++) text += render(values[at]) + strings[at + 1];
  return new Html(text);
}

function render(value: HtmlValue): string {
  if (typeof value === "string") return escapeText(value);
  if (value instanceof Html) return value.toString();
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "number") return String(value);
  let text = "";
  for (const one of value) text += render(one);
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string) : text;
}
