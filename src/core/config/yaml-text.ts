import { type Document, type ParsedNode, parseDocument, type YAMLError } from "yaml";
import type { Problems } from "./problems.ts";
import type { SourceText } from "./source-text.ts";

/** A document, and the stretches of its text that are no YAML and were told already. */
export interface ParsedYaml {
  readonly document: Document.Parsed<ParsedNode>;
  readonly masked: ReadonlyArray<readonly [start: number, end: number]>;
}

/**
 * Parses a text; every syntax error becomes a problem.
 * @returns undefined when there is no telling what the rest of the text means
 */
export function parseYaml(source: SourceText, problems: Problems): ParsedYaml | undefined {
  const masked: Array<readonly [number, number]> = [];
  let { text } = source;
  for (;;) {
    const document = parseDocument(text, {
      merge: true,
      prettyErrors: false,
      logLevel: "error",
      stringKeys: false,
    });
    const found = unquotedReferences(document.errors, text);
    if (found.length > 0) {
      for (const [start, end] of found) {
        const reference = text.slice(start, end);
        problems.add(
          "CFG002",
          { source, offset: start, length: end - start },
          "inside { } and [ ] a reference must be quoted",
          { suggestion: `"${reference}"` },
        );
        masked.push([start, end]);
        // What hides here stays as long as it was, so that everything else is found where it stands.
        text = text.slice(0, start) + "x".repeat(end - start) + text.slice(end);
      }
      continue;
    }
    const errors = [...withoutEchoes(document.errors), ...document.warnings];
    for (const error of errors) report(error, source, problems);
    return errors.some(({ code }) => code !== "DUPLICATE_KEY") ? undefined : { document, masked };
  }
}

/** References that stand unquoted in a flow map or list, where their brace begins a map. */
function unquotedReferences(errors: readonly YAMLError[], text: string): Array<[number, number]> {
  const found = new Map<number, [number, number]>();
  for (const { pos } of errors) {
    const start = pos[0] - 1;
    if (text[pos[0]] !== "{" || text[start] !== "$") continue;
    const end = /^\$\{(?:env|file):[^}\n]*\}/.exec(text.slice(start, start + 1000))?.[0].length;
    if (end !== undefined) found.set(start, [start, start + end]);
  }
  return [...found.values()];
}

/** The parser stumbles over everything that follows a mistake it cannot get over; only the mistake is of interest. */
function withoutEchoes(errors: readonly YAMLError[]): readonly YAMLError[] {
  const exhausted = errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  if (exhausted) return [exhausted];
  const lost = errors.findIndex(({ message }) => message.includes("in YAML stream"));
  if (lost < 0) return errors;
  const upTo = errors.slice(0, Math.max(lost, 1));
  // Two errors at neighbouring characters are one.
  return upTo.filter(({ pos }, index) => index === 0 || pos[0] > (upTo[index - 1]?.pos[1] ?? 0));
}

function report(error: YAMLError, source: SourceText, problems: Problems): void {
  const [start, end] = error.pos;
  const lineEnd = source.text.indexOf("\n", start);
  const length = Math.min(end, lineEnd < 0 ? end : lineEnd) - start;
  const code =
    error.code === "DUPLICATE_KEY" ? "CFG003" : error.code === "RESOURCE_EXHAUSTION" ? "CFG004" : "CFG002";
  problems.add(code, { source, offset: start, length }, explain(error, source.text));
}

function explain({ code, message, pos }: YAMLError, text: string): string {
  const rest = text.slice(pos[0], pos[0] + 80);
  const key = /^[^\s:]+/.exec(rest)?.[0] ?? "";
  switch (code) {
    case "DUPLICATE_KEY":
      return `the key "${key.replace(/^["']|["']$/g, "")}" stands twice in this map: keep one`;
    case "RESOURCE_EXHAUSTION":
      return "nested too deeply";
    case "TAB_AS_INDENT":
      return "a tab cannot indent: use spaces";
    case "MULTIPLE_DOCS":
      return "a second document begins here (---): a configuration is one document, further files come by include";
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'a value cannot hold ": " unless it is quoted, and a nested map begins on a line of its own';
    case "BAD_SCALAR_START":
      return `a value cannot begin with ${rest[0]} unless it is quoted`;
    case "MISSING_CHAR":
      return message.includes("quote") ? "a quote that was opened before is not closed" : sentence(message);
    case "TAG_RESOLVE_FAILED":
      return `unknown tag ${key}: remove it`;
    default:
      return sentence(message);
  }
}

function sentence(message: string): string {
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
