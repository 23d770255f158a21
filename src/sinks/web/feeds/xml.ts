const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * Text for an element or a quoted attribute of XML 1.0: escaped, and without what XML cannot hold (control characters, lone surrogates,
 * U+FFFE and U+FFFF), in whose place stands U+FFFD.
 */
export function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replace(/[&<>"]/g, (character) => ESCAPES[character] as string);
}
