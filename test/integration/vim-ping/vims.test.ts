import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Harness } from "lifeguard/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import vimPing from "../../../src/sources/vim-ping/index.ts";
import { openPinger } from "../../../src/sources/vim-ping/pinger/index.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

/* The whole source with real ICMP. The kernel itself answers for all of 127.0.0.0/8. */

const refusal = await openPinger({ onRound() {}, onFailure() {} }).then(
  async (pinger) => {
    await pinger.close();
    return undefined;
  },
  (error: Error) => error.message,
);

/** A test of what needs the right to ping; skipped, and said so, where there is none. */
const pinging = (name: string, body: () => Promise<void>, timeout?: number) =>
  test(
    name,
    async (context) => {
      if (refusal !== undefined) context.skip(`SKIPPED: ${refusal}`);
      await body();
    },
    timeout,
  );

async function run(config: object): Promise<Harness> {
  const harness = await Harness.start({ sources: { vims: { definition: vimPing, config } } });
  onTestFinished(() => harness.stop());
  return harness;
}

/** How many VIMs are in each state. */
function states(harness: Harness): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of harness.board.subjects()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

describe("ten thousand VIMs", () => {
  const vims = Array.from({ length: 10_000 }, (_, index) => ({
    name: `v${index}`,
    auth_url: `https://127.10.${index >> 8}.${index & 255}:5000/v3`,
  }));

  pinging(
    "are all watched, and for a minute none is lost, though lifeguard stalls",
    async () => {
      const harness = await run({ interval: "1s", references: ["127.0.0.1"], report: "20s", vims });
      await until("all to be REACHABLE", () => states(harness).REACHABLE === 10_000, 60_000);
      for (let stalls = 0; stalls < 60; stalls++) {
        if (stalls % 10 === 5) {
          const end = performance.now() + 300;
          while (performance.now() < end);
        }
        // What is tested is what does not happen within a minute.
        await pause(1000);
      }
      expect(harness.events({ types: ["vim.unreachable", "vim.monitor_deleted"] })).toEqual([]);
      expect(states(harness)).toEqual({ REACHABLE: 10_000 });
      const lost = harness
        .events({ types: ["vim.measured"] })
        .filter(({ event }) => (event.measures.loss?.value ?? 0) > 0);
      expect(lost).toEqual([]);
      expect(harness.events({ types: ["vim.measured"] }).length).toBeGreaterThan(20_000);
    },
    120_000,
  );
});

describe("a lifeguard that watches VIMs", () => {
  pinging(
    "follows monitors.yaml and a folder, answers check, and survives kill -9",
    async () => {
      using folder = temporaryFolder("lifeguard-vims-");
      mkdirSync(join(folder.path, "vims"));
      const put = (name: string, text: string) => {
        writeFileSync(join(folder.path, "new"), text);
        renameSync(join(folder.path, "new"), join(folder.path, "vims", name));
      };
      const config = (vims: string) => `sources:
  vims:
    type: vim-ping
    interval: 200ms
    files: ./vims/
    vims:
${vims}
`;
      const one = '      - { name: one, auth_url: "https://127.0.0.31:5000/v3" }';
      put("two.yaml", "auth_url: https://admin:hunter2@127.0.0.32:5000/v3\npassword: hunter2\n");
      await using lifeguard = new Lifeguard(folder.path, config(one));
      await lifeguard.ready();
      const subjects = () =>
        (
          JSON.parse(lifeguard.cli("status", "-o", "json").stdout) as {
            subjects: Array<{ subject: string; state: string; message: string }>;
          }
        ).subjects;
      const states = () => Object.fromEntries(subjects().map(({ subject, state }) => [subject, state]));
      await until("both to be REACHABLE", () => {
        const now = states();
        return now["vim/one"] === "REACHABLE" && now["vim/two"] === "REACHABLE";
      });

      put("three.yaml", "{ name: third, auth_url: 'https://[::1]:5000' }");
      await until("a new file", () => states()["vim/third"] === "REACHABLE");
      put("three.yaml", "{ name: third, auth_url: 'https://127.0.0.33:5000' }");
      await until("another address in that file", () =>
        subjects().some(
          ({ subject, message }) => subject === "vim/third" && message.startsWith("127.0.0.33 answers"),
        ),
      );
      rmSync(join(folder.path, "vims", "three.yaml"));
      await until("a file that is gone", () => states()["vim/third"] === undefined);
      lifeguard.configure(config(`${one}\n      - { name: four, auth_url: "http://localhost" }`));
      await until("a new VIM in monitors.yaml", () => states()["vim/four"] === "REACHABLE");
      expect(lifeguard.cli("check", "vim/four")).toMatchObject({ code: 0 });

      await lifeguard.crash();
      rmSync(join(folder.path, "vims", "two.yaml"));
      expect(lifeguard.cli("check", "vim/one").stdout).toContain("REACHABLE");
      await lifeguard.ready();
      await until("what went meanwhile to be gone", () => {
        const now = states();
        return now["vim/two"] === undefined && now["vim/one"] === "REACHABLE";
      });
      expect(lifeguard.output).not.toContain("hunter2");
    },
    120_000,
  );
});
