import { z } from "zod";
import { withFieldContext } from "../../plugin/field-context.ts";
import { type ConfigTree, follow, type ScalarTree, scalarsOf, toValue } from "./config-tree.ts";
import { type Issue, nearestIssues } from "./issues.ts";
import type { Schema } from "./schema-walk.ts";
import { strictSchema } from "./strict-schema.ts";

/** What validating a tree gave. */
export type ValueCheck =
  | { readonly ok: true; readonly output: unknown; readonly input: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Validates a tree by a schema, made strict at every depth.
 *
 * What came by a reference is typed as it looks; where a schema wants the text all the same (a password of digits), it gets the text.
 * @param baseDirectory absolute folder for relative paths
 * @throws whatever a refinement or a transformation of the schema throws
 */
export function checkValue(schema: Schema, tree: ConfigTree, baseDirectory: string): ValueCheck {
  const strict = strictSchema(schema);
  const parse = (asText: ReadonlySet<ScalarTree>): ValueCheck => {
    const input = toValue(tree, asText);
    const result = withFieldContext({ baseDirectory }, () => z.safeParse(strict, input, { error: wording }));
    return result.success
      ? { ok: true, output: result.data, input }
      : { ok: false, issues: nearestIssues(result.error.issues) };
  };
  const first = parse(new Set());
  if (first.ok) return first;
  const candidates = typedReferences(tree, first.issues);
  if (candidates.size === 0) return first;
  const second = parse(candidates);
  if (second.ok) return second;
  const stillWrong = typedReferences(tree, second.issues);
  const helped = new Set([...candidates].filter((scalar) => !stillWrong.has(scalar)));
  return parse(helped);
}

/** Scalars at or below the places of issues that came by a reference and look like a number or a boolean. */
function typedReferences(tree: ConfigTree, issues: readonly Issue[]): Set<ScalarTree> {
  const found = new Set<ScalarTree>();
  for (const { path } of issues) {
    const target = follow(tree, path, tree.span).tree;
    if (!target) continue;
    for (const scalar of scalarsOf(target))
      if (scalar.reference && typeof scalar.value !== "string") found.add(scalar);
  }
  return found;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
  tuple: "a list",
  null: "nothing",
};

/** Lifeguard's own words for what zod finds; a schema's own message goes before them. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${NOUNS[issue.expected as string] ?? String(issue.expected)}`;
    case "invalid_value": {
      const values = (issue.values as readonly unknown[]).map((value) => JSON.stringify(value));
      return values.length === 1 ? `expected ${values[0]}` : `expected one of ${values.join(", ")}`;
    }
    case "too_small":
      return bound(issue, issue.minimum as number, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return bound(issue, issue.maximum as number, issue.inclusive === false ? "less than" : "at most");
    default:
      return undefined;
  }
}

function bound(issue: z.core.$ZodRawIssue, limit: number | bigint, words: string): string {
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " items" : "";
  return `expected ${words} ${limit}${unit}`;
}
