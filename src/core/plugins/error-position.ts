import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import type { ModuleGraph } from "./module-graph.ts";

/** A place in one of a plugin's files, 1-based. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** File, line, some source text, a caret. */
const BANNER = /^(.*):(\d+)\n[\s\S]*?^( *)\^+$/m;

/**
 * Finds where in a plugin's own files an error of loading it began.
 * @param error whatever was thrown
 * @param graph the version that was loading; it must not be settled yet
 * @returns undefined when nothing in the error speaks of these files
 */
export function errorPosition(error: unknown, graph: ModuleGraph): FilePosition | undefined {
  if (graph.failed) return importPosition(graph);
  if (!(error instanceof Error)) return undefined;
  return (
    bannerPosition(error.stack ?? "", graph) ??
    framePosition(error.stack ?? "", graph) ??
    missingExportPosition(error.message, graph) ??
    (error instanceof SyntaxError ? syntaxPosition(graph) : awaitPosition(error, graph))
  );
}

/** Node begins the stack of a syntax error with the file, the line and a caret under the place. */
function bannerPosition(stack: string, graph: ModuleGraph): FilePosition | undefined {
  const match = BANNER.exec(stack);
  if (!match) return undefined;
  const file = pathOf(match[1] as string);
  if (!graph.has(file)) return undefined;
  return { file, line: Number(match[2]), column: (match[3] as string).length + 1 };
}

function framePosition(stack: string, graph: ModuleGraph): FilePosition | undefined {
  for (const [, place, line, column] of stack.matchAll(/^ +at (?:.*\()?(\S.*?):(\d+):(\d+)\)?$/gm)) {
    const file = pathOf(place as string);
    if (graph.has(file)) return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function pathOf(place: string): string {
  try {
    return place.startsWith("file:") ? fileURLToPath(place) : place;
  } catch {
    return place;
  }
}

function importPosition(graph: ModuleGraph): FilePosition | undefined {
  const { specifier, importer } = graph.failed ?? {};
  const text = importer === undefined ? undefined : graph.text(importer);
  if (importer === undefined || text === undefined || specifier === undefined) return undefined;
  const literal = new RegExp(`(["'\`])${RegExp.escape(specifier)}\\1`).exec(text);
  return at(importer, text, literal?.index ?? 0);
}

/** “The requested module './word.ts' does not provide an export named 'nope'” comes without a place. */
function missingExportPosition(message: string, graph: ModuleGraph): FilePosition | undefined {
  const match = /requested module '(.+?)' does not provide an export named '(.+?)'/.exec(message);
  if (!match) return undefined;
  const [, specifier = "", name = ""] = match;
  const statement = new RegExp(
    `\\bimport\\b[^;"']*?(?<!\\w)(${RegExp.escape(name)})(?!\\w)[^;"']*?["']${RegExp.escape(specifier)}["']`,
    "d",
  );
  for (const file of graph.files) {
    const text = graph.text(file);
    const start = text === undefined ? undefined : statement.exec(text)?.indices?.[1]?.[0];
    if (text !== undefined && start !== undefined) return at(file, text, start);
  }
  return undefined;
}

/** V8 tells the place of a syntax error in a JavaScript module to nobody, but the TypeScript parser reads JavaScript too. */
function syntaxPosition(graph: ModuleGraph): FilePosition | undefined {
  for (const file of graph.files) {
    const text = /\.m?js$/.test(file) ? graph.text(file) : undefined;
    if (text === undefined) continue;
    try {
      stripTypeScriptTypes(text);
    } catch (error) {
      const match = BANNER.exec(error instanceof Error ? (error.stack ?? "") : "");
      if (match) return { file, line: Number(match[2]), column: (match[3] as string).length + 1 };
    }
  }
  return undefined;
}

function awaitPosition(error: Error, graph: ModuleGraph): FilePosition | undefined {
  if ((error as { code?: string }).code !== "ERR_REQUIRE_ASYNC_MODULE") return undefined;
  for (const file of graph.files) {
    const text = graph.text(file);
    // Only a guess: a statement that begins its line without indentation is at the top level.
    const found = text === undefined ? null : /^(?:\S.*)?\bawait\b/m.exec(text);
    if (text !== undefined && found) return at(file, text, found.index + found[0].length - "await".length);
  }
  return undefined;
}

function at(file: string, text: string, offset: number): FilePosition {
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1) as string).length + 1 };
}
