import { glob } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ConfigFiles } from "./config-files.ts";
import type { ConfigTree, Entry, MapTree, ScalarTree } from "./config-tree.ts";
import { withoutHidden } from "./issue-report.ts";
import type { Problems } from "./problems.ts";
import type { ReferenceResolver } from "./reference-resolver.ts";
import { SourceText, type Span } from "./source-text.ts";
import { buildTree } from "./tree-builder.ts";
import { parseYaml } from "./yaml-text.ts";

/** Sections whose entries may be spread over several files. */
const SHARED_SECTIONS = ["sources", "sinks", "roles"];

/** The same of lists. */
const SHARED_LISTS = ["maintenance"];

/** Reads a configuration with all that it includes, and makes one map of it. */
export class ConfigReader {
  readonly #files: ConfigFiles;
  readonly #resolver: ReferenceResolver;
  readonly #problems: Problems;
  readonly #sections = new Map<string, Entry>();
  /** Files under way or done, with what included them. */
  readonly #seen = new Map<string, Span | undefined>();
  readonly #folders = new Set<string>();
  #root: Span | undefined;

  constructor(files: ConfigFiles, resolver: ReferenceResolver, problems: Problems) {
    this.#files = files;
    this.#resolver = resolver;
    this.#problems = problems;
  }

  /** Folders in which a new file would be included. */
  get folders(): ReadonlySet<string> {
    return this.#folders;
  }

  /**
   * Reads a file and what it includes. Problems are collected; what could be read is returned all the same.
   * @param path absolute
   */
  async read(path: string): Promise<MapTree> {
    await this.#readFile(path, undefined);
    const span = this.#root ?? { source: new SourceText(path, ""), offset: 0, length: 0 };
    return { kind: "map", span, entries: this.#sections };
  }

  async #readFile(path: string, includedBy: ScalarTree | undefined): Promise<void> {
    this.#seen.set(path, includedBy?.span);
    const file = await this.#files.read(path);
    const source = new SourceText(path, "text" in file ? file.text : "");
    this.#root ??= { source, offset: 0, length: 0 };
    if ("problem" in file) {
      if (includedBy)
        this.#problems.add(
          "CFG005",
          includedBy.span,
          withoutHidden(`the included file ${path} ${file.problem}`, includedBy),
        );
      else this.#problems.add("CFG001", this.#root, `${path} ${file.problem}`);
      return;
    }
    const parsed = parseYaml(source, this.#problems);
    const tree = parsed && (await buildTree(source, parsed, this.#resolver, this.#problems));
    if (!tree) return;
    if (tree.kind !== "map") {
      if (tree.kind === "list" || !tree.failed)
        this.#problems.add(
          "CFG010",
          tree.span,
          "a configuration is a map: write sources: and sinks: with what they hold",
        );
      return;
    }
    for (const [name, entry] of tree.entries) if (name !== "include") this.#add(name, entry);
    const include = tree.entries.get("include");
    if (include) await this.#include(include.value, dirname(path));
  }

  #add(name: string, entry: Entry): void {
    const known = this.#sections.get(name);
    if (!known) this.#sections.set(name, entry);
    else if (SHARED_SECTIONS.includes(name) && isMapOrNull(known.value) && isMapOrNull(entry.value))
      this.#sections.set(name, { ...known, value: this.#join(name, known.value, entry.value) });
    else if (SHARED_LISTS.includes(name) && isListOrNull(known.value) && isListOrNull(entry.value))
      this.#sections.set(name, { ...known, value: joinLists(known.value, entry.value) });
    else this.#duplicate(name, entry.key, known.key);
  }

  #join(section: string, first: ConfigTree, second: ConfigTree): ConfigTree {
    if (first.kind !== "map") return second;
    if (second.kind !== "map") return first;
    const entries = new Map(first.entries);
    for (const [name, entry] of second.entries) {
      const known = entries.get(name);
      if (known) this.#duplicate(`${section}.${name}`, entry.key, known.key);
      else entries.set(name, entry);
    }
    return { ...first, entries };
  }

  #duplicate(name: string, here: Span, first: Span): void {
    const { file, line, column } = first.source.position(first.offset);
    this.#problems.add("CFG015", here, `${name} stands in ${file}:${line}:${column} already: keep one`);
  }

  async #include(tree: ConfigTree, folder: string): Promise<void> {
    for (const item of tree.kind === "list" ? tree.items : [tree]) {
      if (item.kind !== "scalar" || typeof item.value !== "string") {
        if (item.kind !== "scalar" || !item.failed)
          this.#problems.add("CFG010", item.span, "include takes a file, a glob of files, or a list of them");
        continue;
      }
      for (const path of await this.#expand(item.value, folder)) await this.#includeFile(path, item);
    }
  }

  async #includeFile(path: string, item: ScalarTree): Promise<void> {
    if (!this.#seen.has(path)) return this.#readFile(path, item);
    const before = this.#seen.get(path);
    const where = before?.source.position(before.offset);
    this.#problems.add(
      "CFG005",
      item.span,
      withoutHidden(
        where
          ? `${path} is included already at ${where.file}:${where.line}:${where.column}`
          : `${path} is the configuration itself and cannot be included`,
        item,
      ),
    );
  }

  async #expand(pattern: string, folder: string): Promise<readonly string[]> {
    const absolute = resolve(folder, pattern);
    if (!/[*?[{]/.test(pattern)) return [absolute];
    this.#folders.add(dirname(absolute.slice(0, absolute.search(/[*?[{]/) + 1)));
    const found: string[] = [];
    for await (const entry of glob(absolute, { withFileTypes: true }))
      if (!entry.isDirectory()) found.push(resolve(entry.parentPath, entry.name));
    return found.sort();
  }
}

function isMapOrNull(tree: ConfigTree): boolean {
  return tree.kind === "map" || (tree.kind === "scalar" && tree.value === null);
}

function isListOrNull(tree: ConfigTree): boolean {
  return tree.kind === "list" || (tree.kind === "scalar" && tree.value === null);
}

function joinLists(first: ConfigTree, second: ConfigTree): ConfigTree {
  if (first.kind !== "list") return second;
  return second.kind === "list" ? { ...first, items: [...first.items, ...second.items] } : first;
}
