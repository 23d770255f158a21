import { readFileSync } from "node:fs";

/** The version of this lifeguard, as package.json has it. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** What `lifeguard version` prints: its own version, and what it runs on. */
export function versionLine(): string {
  return `lifeguard ${version()} (Node.js ${process.version}, ${process.platform} ${process.arch})`;
}
