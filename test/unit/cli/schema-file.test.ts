import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { schemaCommand } from "../../../src/cli/config-commands.ts";

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

test("the schema that monitors.yaml names for editors is the one that lifeguard prints", async () => {
  const modeline = readFileSync(at("monitors.yaml"), "utf8").split("\n")[0];
  expect(modeline).toBe("# yaml-language-server: $schema=./docs/monitors.schema.json");
  let printed = "";
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof process.stdout.write;
  try {
    await schemaCommand(at("monitors.yaml"), {});
  } finally {
    process.stdout.write = write;
  }
  expect(readFileSync(at("docs/monitors.schema.json"), "utf8"), "run npm run docs").toBe(printed);
});
