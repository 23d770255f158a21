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
 * Checks a configuration without running it, and prints everything that is wrong with it.
 * @returns the exit code: 0 when it is valid, 78 when it is not
 */
export async function validate(file: string, options: ValidateOptions): Promise<0 | 78> {
  const { format, color, loader, env, role, print } = options;
  const began = performance.now();
  const result = await loadConfig({ file, role, env, loader });
  const took = `${Math.round(performance.now() - began)} ms`;
  if (format === "json") print(JSON.stringify(result.ok ? [] : problemsToJson(result.problems), null, 2));
  else if (result.ok) {
    const { sources, sinks } = result.config.declared;
    print(`${file} is valid: ${counted(sources.size, "source")}, ${counted(sinks.size, "sink")} (${took})`);
    for (const warning of loader.warnings()) print(`warning: ${warning}`);
  } else {
    print(formatProblems(result.problems, result.texts, { color }));
    print(`${counted(result.problems.length, "problem")} (${took})`);
  }
  return result.ok ? 0 : 78;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
