/**
 * Compiles a glob of lifeguard: `*` matches any run of characters, dots and slashes included; everything else is literal.
 * @returns a test for one text; a pattern without `*` compares, a single `*` accepts all
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (pattern === "*") return () => true;
  if (!pattern.includes("*")) return (text) => text === pattern;
  const parts = pattern.split("*");
  const head = parts[0] as string;
  if (parts.length === 2 && parts[1] === "") return (text) => text.startsWith(head);
  const expression = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join("[^]*")}$`, "u");
  return (text) => expression.test(text);
}
