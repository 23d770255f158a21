/**
 * Compiles a glob of lifeguard: `*` matches any run of characters, dots and slashes included; everything else is literal.
 * @returns a test for one text, whose time grows with the text and not with the number of stars
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*");
  const head = parts[0] as string;
  if (parts.length === 1) return (text) => text === pattern;
  const tail = parts.at(-1) as string;
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  if (middle.length === 0 && tail === "") return head === "" ? () => true : (text) => text.startsWith(head);
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    // The first place where a part fits leaves the most for those behind it, so nothing is ever tried again.
    let from = head.length;
    for (const part of middle) {
      const found = text.indexOf(part, from);
      if (found < 0 || found + part.length > end) return false;
      from = found + part.length;
    }
    return true;
  };
}
