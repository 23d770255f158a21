import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceContract } from "lifeguard/testkit";
import { afterAll, describe, test } from "vitest";
import promises from "../../src/sources/promises/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-promises-"));
const promise = join(folder, "fine");
writeFileSync(promise, "#!/bin/sh\necho all is fine\n");
chmodSync(promise, 0o755);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the source promises keeps the contract", () => {
  const checks = sourceContract({
    definition: promises,
    config: () => ({ directory: folder, interval: "1s" }),
    disturb() {
      writeFileSync(promise, "#!/no/such/interpreter\n");
      return () => writeFileSync(promise, "#!/bin/sh\necho fine again\n");
    },
  });
  for (const { name, run } of checks) test(name, run, 30_000);
});
