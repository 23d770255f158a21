import { test } from "vitest";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { killRounds } from "./kill-rounds.ts";

test("after kill -9 everything acknowledged is there, and everything agrees", {
  timeout: 60_000,
}, async () => {
  using folder = temporaryFolder();
  await killRounds(folder.path, 3, "normal");
});
