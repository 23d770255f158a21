import type { LoadResult } from "../core/config/model.ts";
import { formatProblems } from "../core/config/print-problems.ts";

/** Everything that is wrong with a configuration, for people. */
export function printRefusal(result: LoadResult & { readonly ok: false }, color: boolean): string {
  const { problems, texts } = result;
  return formatProblems(problems, texts, { color });
}
