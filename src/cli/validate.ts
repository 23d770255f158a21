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
  const { notices, texts } = result;
  const problems = result.ok ? [] : result.problems;
  const warnings = notices.length > 0 ? [counted(notices.length, "warning")] : [];
  if (format === "json") {
    const all = [...problemsToJson(problems, "error"), ...problemsToJson(notices, "warning")];
    print(JSON.stringify(all, null, 2));
    return result.ok ? 0 : 78;
  }
  const found = [...problems, ...notices.map((one) => ({ ...one, message: `warning: ${one.message}` }))];
  if (found.length > 0) print(formatProblems(found, texts, { color }));
  if (result.ok) {
    const { sources, sinks } = result.config.declared;
    const counts = [counted(sources.size, "source"), counted(sinks.size, "sink"), ...warnings];
    print(`${file} is valid: ${counts.join(", ")} (${took})`);
    for (const warning of loader.warnings()) print(`warning: ${warning}`);
  } else {
    print(`${[counted(problems.length, "problem"), ...warnings].join(", ")} (${took})`);
  }
  return result.ok ? 0 : 78;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
