import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/*
 * Runs the measurements in bench/, each in a process of its own.
 *   npm run bench                      all
 *   npm run bench -- core              an area (a folder), or one file by its name
 *   npm run bench -- core --json       one object a line: name, value, unit, baseline, goal, pass
 * A measurement prints such objects; what else it prints goes to standard error. Exits with 1 when a goal is missed.
 */

interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly goal: number | string | null;
  readonly pass: boolean | null;
}

const root = fileURLToPath(new URL("../bench", import.meta.url));
const words = process.argv.slice(2);
const json = words.includes("--json");
const wanted = words.filter((word) => !word.startsWith("-"));
const all = globSync("**/*.ts", { cwd: root })
  .filter((file) => !dirname(file).split("/").includes("support"))
  .sort();
const files = all.filter(
  (file) => wanted.length === 0 || wanted.some((name) => namesOf(file).includes(name)),
);
if (files.length === 0) {
  console.error(
    `nothing is called ${wanted.join(", ")}: there are ${[...new Set(all.flatMap(namesOf))].sort().join(", ")}`,
  );
  process.exit(2);
}

let failed = false;
const results: Result[] = [];
for (const file of files) {
  if (!json) process.stderr.write(`${file}\n`);
  for await (const result of measure(join(root, file))) {
    results.push(result);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}
if (!json) process.stdout.write(table(results));
process.exit(failed || results.some(({ pass }) => pass === false) ? 1 : 0);

/** By what a measurement can be asked for: its folders, its path, its own name. */
function namesOf(file: string): string[] {
  const path = file.replace(/\.ts$/, "");
  const folders = dirname(path).split("/");
  return [...folders.map((_, index) => folders.slice(0, index + 1).join("/")), path, basename(path)];
}

async function* measure(file: string): AsyncGenerator<Result> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--expose-gc", file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith("{")) yield JSON.parse(line) as Result;
    else if (line !== "") process.stderr.write(`${line}\n`);
  const [code] = (await exit) as [number | null];
  if (code === 0) return;
  failed = true;
  process.stderr.write(`${file} failed with ${code}\n`);
}

function table(rows: readonly Result[]): string {
  const number = (value: unknown) =>
    typeof value === "number"
      ? String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)))
      : (value ?? "");
  const cells = [
    ["name", "value", "unit", "baseline", "goal", ""],
    ...rows.map((row) => [
      row.name,
      number(row.value),
      row.unit,
      number(row.baseline),
      number(row.goal),
      row.pass === null ? "" : row.pass ? "holds" : "MISSED",
    ]),
  ].map((row) => row.map(String));
  const widths = (cells[0] as string[]).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] as string).length)),
  );
  return `${cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
}
