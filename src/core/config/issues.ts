import type { z } from "zod";

/** One issue of zod that is no union of others any more. */
export type Issue = z.core.$ZodIssue;

/**
 * Replaces the issues of unions by those of the side that comes nearest to what stands there: a side whose outermost type fits goes
 * before one that expects something else altogether, and then the one with the fewest issues.
 */
export function nearestIssues(
  issues: readonly Issue[],
  prefix: readonly PropertyKey[] = [],
): readonly Issue[] {
  const wrongTypes = new Set(
    issues.filter(({ code }) => code === "invalid_type").map(({ path }) => path.join("\0")),
  );
  // What is of the wrong type is not also too short.
  const telling = issues.filter(
    ({ code, path }) => code === "invalid_type" || !wrongTypes.has(path.join("\0")),
  );
  return telling.flatMap((issue) => {
    const placed = { ...issue, path: [...prefix, ...issue.path] } as Issue;
    return placed.code === "invalid_union" && placed.errors.length > 0 ? nearestSide(placed) : [placed];
  });
}

function nearestSide(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] {
  const sides = issue.errors.map((errors) => nearestIssues(errors as readonly Issue[], issue.path));
  const depth = issue.path.length;
  const fitting = sides.filter((side) => !side.some((found) => isOuter(found, depth)));
  if (fitting.length > 0)
    return fitting.reduce((best, side) => (rank(side, depth) < rank(best, depth) ? side : best));
  const messages = new Set(
    sides
      .flat()
      .filter((found) => isOuter(found, depth))
      .map(({ message }) => message),
  );
  const message = [...messages].join(", or ").replaceAll(", or expected ", " or ");
  return [{ code: "custom", path: issue.path, message, params: { union: true } }];
}

/** Whether an issue says that the value as a whole is of another kind. */
function isOuter(issue: Issue, depth: number): boolean {
  return (
    issue.path.length === depth &&
    (issue.code === "invalid_type" ||
      issue.code === "invalid_value" ||
      (issue.code === "custom" && issue.params?.union === true))
  );
}

/** Unknown and missing keys tell more about a wrong side than a bad value does. */
function rank(side: readonly Issue[], depth: number): number {
  return side.reduce(
    (sum, found) =>
      sum +
      (found.code === "unrecognized_keys" ? found.keys.length * 2 : 1) +
      (found.path.length === depth ? 1 : 0),
    0,
  );
}
