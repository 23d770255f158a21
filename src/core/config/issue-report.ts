import type { z } from "zod";
import type { FieldKind } from "../../plugin/fields.ts";
import { type ConfigTree, follow, scalarsOf, type Target } from "./config-tree.ts";
import type { Issue } from "./issues.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Problems } from "./problems.ts";
import { childSchemas, fieldKindOf, leavesOf, type Schema, schemasAt } from "./schema-walk.ts";
import type { Span } from "./source-text.ts";
import { didYouMean } from "./suggest.ts";

/** What was validated, and how to speak of it. */
export interface Validated {
  /** `sources.promises`; empty for the whole configuration. */
  readonly name: string;
  readonly tree: ConfigTree;
  readonly schema: Schema;
  /** What a problem with the whole points at: the key before it. */
  readonly start: Span;
  /** Keys beside the schema's own that would be right here too. */
  readonly otherKeys?: readonly string[] | undefined;
}

const FIELD_CODES: Readonly<Partial<Record<FieldKind["field"], ProblemCode>>> = {
  duration: "CFG022",
  size: "CFG023",
  glob: "CFG024",
  cron: "CFG025",
  path: "CFG026",
};

/** Turns the issues of a schema into problems with places, names and suggestions. */
export function reportIssues(issues: readonly Issue[], validated: Validated, problems: Problems): void {
  for (const issue of issues) {
    const target = follow(validated.tree, issue.path, validated.start);
    if (target.failed || (issue.code === "custom" && hasFailed(target.tree))) continue;
    if (issue.code === "unrecognized_keys") reportUnknownKeys(issue, target, validated, problems);
    else if (issue.code === "invalid_key") reportIssues(keyIssues(issue), validated, problems);
    else if (target.tree === undefined && isMissing(issue, validated))
      reportMissing(issue, target, validated, problems);
    else reportValue(issue, target, validated, problems);
  }
}

/** What a schema says of a whole may only follow from a part of it that was told already. */
function hasFailed(tree: ConfigTree | undefined): boolean {
  return tree !== undefined && scalarsOf(tree).some((scalar) => scalar.failed);
}

function reportUnknownKeys(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  target: Target,
  validated: Validated,
  problems: Problems,
): void {
  if (target.tree?.kind !== "map") return;
  const { entries } = target.tree;
  const place = placeName(validated.name, issue.path);
  const allowed = [
    ...schemasAt(validated.schema, issue.path).flatMap(declaredKeys),
    ...(issue.path.length === 0 ? (validated.otherKeys ?? []) : []),
  ].filter((key) => !entries.has(key));
  for (const key of issue.keys) {
    const entry = entries.get(key);
    if (!entry) continue;
    problems.add("CFG012", entry.key, `unknown key "${key}"${place === "" ? "" : ` in ${place}`}`, {
      suggestion: didYouMean(key, allowed),
      usedAt: target.usedAt ?? entry.usedAt,
    });
  }
}

function declaredKeys(schema: Schema): string[] {
  return leavesOf(schema).flatMap((leaf) => {
    const { def } = (leaf as z.core.$ZodTypes)._zod;
    return def.type === "object" ? Object.keys(def.shape) : [];
  });
}

/** A bad key of a record is told at the key, in the words of the key's own schema. */
function keyIssues(issue: z.core.$ZodIssueInvalidKey): readonly Issue[] {
  const [first] = issue.issues;
  const message = first ? `the key is not allowed: ${first.message}` : issue.message;
  return [{ code: "custom", path: issue.path, message, params: { key: true } }];
}

/** Whether the value is not there at all, rather than refused. */
function isMissing(issue: Issue, { tree }: Validated): boolean {
  const parent = follow(tree, issue.path.slice(0, -1), tree.span).tree;
  const refused = issue.code === "custom" || issue.code === "invalid_format";
  return issue.path.length > 0 && parent?.kind === "map" && !refused;
}

function reportMissing(issue: Issue, target: Target, validated: Validated, problems: Problems): void {
  const key = String(issue.path.at(-1));
  const place = placeName(validated.name, issue.path.slice(0, -1));
  const description = schemasAt(validated.schema, issue.path)
    .map(descriptionOf)
    .find((text) => text !== undefined);
  const where = place === "" ? "" : ` in ${place}`;
  problems.add(
    "CFG011",
    target.nearest,
    `missing key "${key}"${where}${description ? `: ${description}` : ""}`,
    {
      usedAt: target.usedAt,
      about: key,
    },
  );
}

function descriptionOf(schema: Schema): string | undefined {
  return (schema as z.ZodType).description?.replace(/\.$/, "");
}

function reportValue(issue: Issue, target: Target, validated: Validated, problems: Problems): void {
  const schemas = schemasAt(validated.schema, issue.path);
  const kind = schemas
    .flatMap(leavesOf)
    .map(fieldKindOf)
    .find((found) => found !== undefined);
  const isKey = issue.code === "custom" && issue.params?.key === true;
  const span = isKey || target.tree === undefined ? target.nearest : target.tree.span;
  const place = placeName(validated.name, issue.path);
  const message = `${place === "" ? "" : `${place}: `}${withoutHidden(issue.message, target.tree)}${found(issue, target.tree)}`;
  const word = target.tree?.kind === "scalar" && !target.tree.reference ? String(target.tree.value) : "";
  problems.add((kind && FIELD_CODES[kind.field]) ?? codeOf(issue), span, message, {
    suggestion: isKey || kind || word === "" ? undefined : suggestionFor(issue, word, schemas),
    usedAt: target.usedAt,
    about: issue.message,
  });
}

function codeOf(issue: Issue): ProblemCode {
  if (issue.code === "invalid_type" || (issue.code === "custom" && issue.params?.union === true))
    return "CFG010";
  return issue.code === "invalid_value" || issue.code === "invalid_union" ? "CFG013" : "CFG014";
}

/** The nearest of the allowed words; where text is wanted and something else stands there, the same in quotes. */
function suggestionFor(issue: Issue, word: string, schemas: readonly Schema[]): string | undefined {
  const options =
    issue.code === "invalid_union" && "options" in issue ? (issue.options as readonly unknown[]) : [];
  const near = didYouMean(word, [
    ...schemas.flatMap((schema) => allowedWords(schema)),
    ...options.map(String),
  ]);
  if (near !== undefined) return near;
  return issue.code === "invalid_type" && issue.expected === "string" ? JSON.stringify(word) : undefined;
}

/** @param seen those on the way here: a list may hold lists of its own kind */
function allowedWords(schema: Schema, seen: ReadonlySet<Schema> = new Set()): string[] {
  return leavesOf(schema).flatMap((leaf) => {
    if (seen.has(leaf)) return [];
    const { def } = (leaf as z.core.$ZodTypes)._zod;
    if (def.type === "enum") return Object.values(def.entries).map(String);
    if (def.type === "literal") return def.values.map(String);
    const within = new Set([...seen, leaf]);
    return def.type === "array" ? childSchemas(leaf, 0).flatMap((one) => allowedWords(one, within)) : [];
  });
}

/** Says what stands there, unless it came by a reference: such values are never shown. */
function found(issue: Issue, tree: ConfigTree | undefined): string {
  const isOwnWording = issue.message.startsWith("expected ") && issue.code !== "invalid_format";
  if (!isOwnWording || !tree || /secret|found/.test(issue.message)) return "";
  if (tree.kind !== "scalar") return `, found a ${tree.kind}`;
  if (tree.reference || tree.value === null) return tree.reference ? "" : ", found nothing";
  const text = typeof tree.value === "string" ? JSON.stringify(tree.value) : String(tree.value);
  return `, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** Cuts out of a message what came by reference: somebody else's words may quote a value. */
export function withoutHidden(message: string, tree: ConfigTree | undefined): string {
  if (!tree) return message;
  let result = message;
  for (const { reference } of scalarsOf(tree))
    for (const hidden of reference?.hidden ?? [])
      for (const form of [hidden, JSON.stringify(hidden).slice(1, -1)])
        if (form !== "") result = result.replaceAll(form, "***");
  return result;
}

/** `sources.web.tls[0].file`. */
function placeName(name: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`,
    name,
  );
}
