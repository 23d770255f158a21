import type { z } from "zod";
import type { FieldKind } from "../../plugin/fields.ts";
import type { ConfigTree, ScalarTree } from "./config-tree.ts";
import { childSchemas, fieldKindOf, leavesOf, type Schema } from "./schema-walk.ts";

/** Visits the scalars of a tree that stand where a schema has a field of some kind. */
export function walkFields(
  schema: Schema,
  tree: ConfigTree,
  visit: (kind: FieldKind, scalar: ScalarTree) => void,
): void {
  if (tree.kind === "scalar") {
    const kinds = leavesOf(schema).map(fieldKindOf);
    for (const kind of kinds) if (kind) visit(kind, tree);
    return;
  }
  const children: ReadonlyArray<readonly [string | number, ConfigTree]> =
    tree.kind === "list"
      ? tree.items.map((item, index) => [index, item] as const)
      : [...tree.entries].map(([key, { value }]) => [key, value] as const);
  for (const [key, child] of children)
    for (const side of fittingSides(schema, tree))
      for (const childSchema of childSchemas(side, key)) walkFields(childSchema, child, visit);
}

/** Sides of a union that a map cannot be, because a key that tells them apart has another value, are left out. */
export function fittingSides(schema: Schema, tree: ConfigTree): readonly Schema[] {
  const leaves = leavesOf(schema);
  if (tree.kind !== "map" || leaves.length === 1) return leaves;
  return leaves.filter((leaf) => {
    const { def } = (leaf as z.core.$ZodTypes)._zod;
    if (def.type !== "object") return true;
    return Object.keys(def.shape).every((key) => {
      const value = tree.entries.get(key)?.value;
      const field = (def.shape[key] as z.core.$ZodTypes)._zod.def;
      if (field.type !== "literal" || value?.kind !== "scalar") return true;
      return (field.values as readonly unknown[]).includes(value.value);
    });
  });
}
