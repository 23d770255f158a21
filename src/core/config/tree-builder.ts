import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { ConfigTree, Entry, MapTree, ScalarTree } from "./config-tree.ts";
import type { Problems } from "./problems.ts";
import type { ReferenceResolver } from "./reference-resolver.ts";
import type { SourceText, Span } from "./source-text.ts";
import type { ParsedYaml } from "./yaml-text.ts";

/** Deeper than any configuration; shallow enough that no later step runs out of stack. */
const DEEPEST = 100;
/** A file of a thousand monitors has some ten thousand values; aliases of aliases can make billions. */
const MOST_VALUES = 1_000_000;

/**
 * Turns a YAML document into a tree: aliases and merge keys resolved, references replaced by what they name.
 * @returns undefined for an empty document
 */
export async function buildTree(
  source: SourceText,
  parsed: ParsedYaml,
  resolver: ReferenceResolver,
  problems: Problems,
): Promise<ConfigTree | undefined> {
  const { contents } = parsed.document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  return new TreeBuilder(source, parsed, resolver, problems).build(contents, 0);
}

class TreeBuilder {
  readonly #source: SourceText;
  readonly #masked: ParsedYaml["masked"];
  readonly #resolver: ReferenceResolver;
  readonly #problems: Problems;
  /** Anchors met so far; null while what they stand for is still being built. */
  readonly #anchors = new Map<string, { tree: ConfigTree; size: number } | null>();
  /** Values so far, those behind aliases counted each time. */
  #size = 0;

  constructor(source: SourceText, parsed: ParsedYaml, resolver: ReferenceResolver, problems: Problems) {
    this.#source = source;
    this.#masked = parsed.masked;
    this.#resolver = resolver;
    this.#problems = problems;
  }

  async build(node: unknown, depth: number): Promise<ConfigTree> {
    const before = this.#size++;
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    const tree = await this.#buildNode(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, { tree, size: this.#size - before });
    return tree;
  }

  async #buildNode(node: unknown, depth: number): Promise<ConfigTree> {
    const span = this.#spanOf(node);
    if (depth > DEEPEST)
      return this.#failed(span, "CFG004", `nested too deeply: more than ${DEEPEST} levels`);
    if (this.#size > MOST_VALUES)
      return this.#failed(span, "CFG004", `aliases make more than ${MOST_VALUES} values of this file`);
    if (isAlias(node)) return this.#alias(node.source, span);
    if (isMap(node)) return this.#map(node, span, depth);
    if (isSeq(node)) {
      const items: ConfigTree[] = [];
      for (const item of node.items) items.push(await this.build(item, depth + 1));
      return { kind: "list", span, items };
    }
    return this.#scalar(node as Scalar | null, span);
  }

  #alias(name: string, span: Span): ConfigTree {
    const anchored = this.#anchors.get(name);
    if (anchored === null) return this.#failed(span, "CFG004", `*${name} contains itself`);
    if (anchored === undefined)
      return this.#failed(span, "CFG002", `no anchor &${name} stands before this alias`);
    this.#size += anchored.size;
    return { ...anchored.tree, usedAt: span };
  }

  async #scalar(node: Scalar | null, span: Span): Promise<ScalarTree> {
    const value = node?.value ?? null;
    if (this.#masked.some(([start, end]) => start < span.offset + span.length && end > span.offset))
      return { kind: "scalar", span, value: null, failed: true };
    if (typeof value !== "string") return { kind: "scalar", span, value: value as ScalarTree["value"] };
    return value.includes("${") ? this.#resolver.resolve(value, span) : { kind: "scalar", span, value };
  }

  async #map(node: YAMLMap, span: Span, depth: number): Promise<MapTree> {
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const pair of node.items) {
      const key = this.#spanOf(pair.key);
      if (isMergeKey(pair)) {
        const value = await this.build(pair.value, depth + 1);
        this.#merge(value, key, merged);
        continue;
      }
      const name = this.#keyOf(pair.key, key);
      const value = await this.build(pair.value, depth + 1);
      if (name !== undefined)
        own.set(name, { key, value: value.span.length > 0 ? value : { ...value, span: key } });
    }
    for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
    return { kind: "map", span, entries: own };
  }

  /** An earlier map wins over a later one, as YAML's merge says. */
  #merge(tree: ConfigTree, usedAt: Span, into: Map<string, Entry>): void {
    if (tree.kind === "list") for (const item of tree.items) this.#merge(item, item.usedAt ?? usedAt, into);
    else if (tree.kind === "map") {
      for (const [name, entry] of tree.entries)
        if (!into.has(name)) into.set(name, { ...entry, usedAt: tree.usedAt ?? usedAt });
    } else if (!tree.failed)
      this.#problems.add("CFG010", tree.span, "<< takes a map, an alias of one, or a list of them");
  }

  #keyOf(key: unknown, span: Span): string | undefined {
    const value = isScalar(key) ? key.value : key;
    const name =
      isAlias(key) || (typeof value === "object" && value !== null) ? undefined : String(value ?? "");
    if (name === undefined || name === "" || name === "__proto__") {
      this.#problems.add("CFG010", span, name ? `"${name}" cannot be a key` : "a key must be a word");
      return undefined;
    }
    return isScalar(key) && typeof value !== "string" && key.source !== undefined ? key.source : name;
  }

  #failed(span: Span, code: "CFG002" | "CFG004", message: string): ScalarTree {
    this.#problems.add(code, span, message);
    return { kind: "scalar", span, value: null, failed: true };
  }

  #spanOf(node: unknown): Span {
    const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
    const [start, end] = range ?? [0, 0];
    const newline = this.#source.text.indexOf("\n", start);
    return {
      source: this.#source,
      offset: start,
      length: Math.min(end, newline < 0 ? end : newline) - start,
    };
  }
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.value === "<<"
    ? key.type === "PLAIN"
    : isScalar(key) && typeof key.value === "symbol";
}
