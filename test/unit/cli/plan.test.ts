import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtins } from "../../../src/builtin.ts";
import { printPlan } from "../../../src/cli/plan.ts";
import { loadConfig } from "../../../src/core/config/load-config.ts";
import { PluginLoader } from "../../../src/core/plugins/loader.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";

async function planOf(yaml: string, env: Record<string, string> = {}): Promise<string> {
  using folder = temporaryFolder();
  const file = join(folder.path, "monitors.yaml");
  writeFileSync(file, yaml);
  const result = await loadConfig({ file, env, loader: new PluginLoader({ builtins }) });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return printPlan(result.config, (_, text) => text);
}

test("shows what is written as it is written, and what is not as the default that holds", async () => {
  const plan = await planOf("sources:\n  promises: { directory: ./p, timeout: 5s }\n");
  expect(plan).toMatch(/^source promises /m);
  expect(plan).toContain("  timeout: 5s\n");
  expect(plan).toContain("  jitter: 2s (default)\n");
});

test("what came by reference is shown as the reference", async () => {
  const plan = await planOf(
    "sources:\n  promises: { directory: ./p, environment: { TOKEN: '${env:TOKEN}' } }\nsinks:\n  web: { listen: '${env:WHERE}' }\n",
    {
      TOKEN: "hunter2hunter2",
      WHERE: "127.0.0.1:9999",
    },
  );
  expect(plan).toContain("listen: ${env:WHERE}");
  expect(plan).toContain("${env:TOKEN}");
  expect(plan).not.toContain("hunter2");
});

test("keys of core are shown as they are written, references too", async () => {
  const plan = await planOf(
    "sources:\n  promises: { directory: ./p, labels: { team: '${env:TEAM_TOKEN}' }, group: Edge }\nsinks:\n  console: { from: { types: ['${env:TEAM_TOKEN}'], on: change }, retry: { max: 5s } }\n",
    { TEAM_TOKEN: "hunter2hunter2" },
  );
  expect(plan).toContain("  labels.team: ${env:TEAM_TOKEN}\n");
  expect(plan).toContain("  group: Edge\n");
  expect(plan).toContain('  from.types: ["${env:TEAM_TOKEN}"]\n  from.on: change\n  retry.max: 5s\n');
  expect(plan).not.toContain("hunter2");
});

test("tells the next runs of a schedule", async () => {
  const plan = await planOf(
    'sources:\n  promises: { directory: ./p, frequency: "30 4 1 1 *", timezone: UTC }\n',
  );
  expect(plan).toMatch(/next runs: \d{4}-01-01T04:30:00Z, \d{4}-01-01T04:30:00Z, \d{4}-01-01T04:30:00Z/);
});

test("names what is left out", async () => {
  const plan = await planOf("sinks:\n  console: { enabled: false, from: { on: change } }\n  web: {}\n");
  expect(plan).toContain("not in this role, or not enabled: sink console");
});

test("tells when maintenance windows come", async () => {
  const plan = await planOf(
    'sinks:\n  web:\nmaintenance:\n  - { subjects: vim/*, from: "2026-12-01T22:00:00+01:00", until: 2026-12-02T02:00Z }\n  - { labels: { team: edge }, why: works, schedule: "30 4 1 1 *", timezone: UTC, for: 2h }\n',
  );
  expect(plan).toContain(
    "maintenance of vim/* (planned maintenance)\n  from 2026-12-01T21:00:00Z until 2026-12-02T02:00:00Z\n",
  );
  expect(plan).toMatch(
    /maintenance of \* \(works\)\n {2}labels.team: \["edge"\]\n {2}next times: \d{4}-01-01T04:30:00Z, .*Z, for 120 min\n/,
  );
});
