import { test } from "vitest";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { killRounds } from "../../unit/core/journal/kill-rounds.ts";

test.each(["full", "normal"] as const)(
  "25 rounds of kill -9 with sync %s lose nothing acknowledged",
  async (sync) => {
    using folder = temporaryFolder();
    await killRounds(folder.path, 25, sync);
  },
);
