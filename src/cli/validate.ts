import { loadConfig } from "../core/config/load-config.ts";
import { formatProblems, problemsToJson } from "../core/config/print-problems.ts";
import type { PluginLoader } from "../core/plugins/loader.ts";

/** What `lifeguard validate` needs. */
export interface ValidateOptions {
  readonly format: "pretty" | "json";
  readonly color: boolean;
  readonly loader: PluginLoader;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent: `standalone`. */
  readonly role?: string | undefined;
  /** Takes what goes to standard output. */
  readonly print: (text: string) => void;
}

/**
 * Checks a configuration without running it, and prints everything that is wrong with it, or may be.
 * @returns the exit code: 0 when it is valid, also with warnings, 78 when it is not
 */
export async function validate(file: string, options: ValidateOptions): Promise<0 | 78> {
  const { format, color, loader, env, role, print } = options;
  const began = performance.now();
  const result = await loadConfig({ file, role, env, loader });
  const took = `${Math.round(performance.now() - began)} ms`;
  const problems = result.ok ? result.notices : result.problems;
  if (format === "json") print(JSON.stringify(problemsToJson(problems), null, 2));
  else if (result.ok) {
    if (problems.length > 0) print(formatProblems(problems, result.texts, { color }));
    const { sources, sinks } = result.config.declared;
    const counts = [counted(sources.size, "source"), counted(sinks.size, "sink")];
    if (problems.length > 0) counts.push(counted(problems.length, "warning"));
    print(`${file} is valid: ${counts.join(", ")} (${took})`);
    for (const warning of loader.warnings()) print(`warning: ${warning}`);
  } else {
    print(formatProblems(problems, result.texts, { color }));
    print(`${counted(problems.length, "problem")} (${took})`);
  }
  return result.ok ? 0 : 78;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
