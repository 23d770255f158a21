import type { Span } from "./source-text.ts";

interface TreeBase {
  /** Where the value stands; behind an alias, where it is defined. */
  readonly span: Span;
  /** The alias that led here, if one did. */
  readonly usedAt?: Span | undefined;
}

/** A single value. */
export interface ScalarTree extends TreeBase {
  readonly kind: "scalar";
  readonly value: string | number | boolean | bigint | null | object;
  /** Set when the value came, as a whole or in part, by reference: its text, and all that must not be shown. */
  readonly reference?: { readonly text: string; readonly hidden: readonly string[] } | undefined;
  /** Why there is no value was said already; nothing more is to be said about it. */
  readonly failed?: true | undefined;
}

/** A list. */
export interface ListTree extends TreeBase {
  readonly kind: "list";
  readonly items: readonly ConfigTree[];
}

/** A key of a map with its value. */
export interface Entry {
  readonly key: Span;
  readonly value: ConfigTree;
  /** The `<<` that brought it here, if one did. */
  readonly usedAt?: Span | undefined;
}

/** A map. */
export interface MapTree extends TreeBase {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A configuration after parsing: aliases, merge keys and references resolved, and every key and value with its place. */
export type ConfigTree = ScalarTree | ListTree | MapTree;

/** Where a path leads, as far as it goes. */
export interface Target {
  /** The value at the end of the path; undefined when the path goes further than the tree. */
  readonly tree: ConfigTree | undefined;
  /** The key or, in a list, the value of the last step that exists. */
  readonly nearest: Span;
  /** The first alias or merge on the way. */
  readonly usedAt: Span | undefined;
  /** Whether the path met a value about which enough was said. */
  readonly failed: boolean;
}

/** Follows a path of keys and indices. `start` is what a problem with the root itself points at. */
export function follow(root: ConfigTree, path: readonly PropertyKey[], start: Span): Target {
  let tree: ConfigTree | undefined = root;
  let nearest = start;
  let usedAt = root.usedAt;
  let failed = isFailed(root);
  for (const step of path) {
    const next: Entry | undefined = stepInto(tree, step);
    tree = next?.value;
    if (!next) continue;
    nearest = next.key;
    usedAt ??= next.usedAt ?? next.value.usedAt;
    failed ||= isFailed(next.value);
  }
  return { tree, nearest, usedAt, failed };
}

function stepInto(tree: ConfigTree | undefined, step: PropertyKey): Entry | undefined {
  if (tree?.kind === "map") return tree.entries.get(String(step));
  const item = tree?.kind === "list" ? tree.items[Number(step)] : undefined;
  return item && { key: item.span, value: item };
}

function isFailed(tree: ConfigTree): boolean {
  return tree.kind === "scalar" && tree.failed === true;
}

/** A copy with some keys only. */
export function pick(tree: MapTree, wanted: (key: string) => boolean): MapTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => wanted(key))) };
}

/**
 * The plain value of a tree, for validation.
 * @param asText scalars that came by reference and are wanted as text although they look like a number or a boolean
 */
export function toValue(tree: ConfigTree, asText: ReadonlySet<ScalarTree> = new Set()): unknown {
  if (tree.kind === "list") return tree.items.map((item) => toValue(item, asText));
  if (tree.kind === "map")
    return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, toValue(value, asText)]));
  if (tree.failed) return undefined;
  return asText.has(tree) && tree.reference ? tree.reference.text : tree.value;
}

/** All scalars below a tree, itself included. */
export function* scalarsOf(tree: ConfigTree): Generator<ScalarTree> {
  if (tree.kind === "scalar") yield tree;
  else if (tree.kind === "list") for (const item of tree.items) yield* scalarsOf(item);
  else for (const { value } of tree.entries.values()) yield* scalarsOf(value);
}
