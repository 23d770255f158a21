import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { vimPingConfig } from "../../../../src/sources/vim-ping/config.ts";
import { settingsOf, staleAfter } from "../../../../src/sources/vim-ping/settings.ts";

const vim = { name: "edge-1", auth_url: "https://192.0.2.7:5000/v3" };

function problems(config: unknown): string[] {
  const { error } = vimPingConfig.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the options of vim-ping", () => {
  test("a list of VIMs is enough", () => {
    const config = vimPingConfig.parse({ vims: [vim] });
    expect(settingsOf(config, config.vims?.[0])).toEqual({
      interval: 30_000,
      timeout: 1000,
      count: 1,
      failAfter: 3,
      recoverAfter: 1,
      report: 300_000,
      probes: ["icmp"],
    });
  });

  test("a VIM's own options go before the source's", () => {
    const config = vimPingConfig.parse({
      interval: "1s",
      count: 2,
      probe: ["icmp", "tcp"],
      vims: [vim, { ...vim, name: "edge-2", interval: "9s", fail_after: 1, probe: "http" }],
    });
    expect(settingsOf(config, config.vims?.[0])).toMatchObject({
      interval: 1000,
      timeout: 1000 / 3,
      count: 2,
      probes: ["icmp", "tcp"],
    });
    expect(settingsOf(config, config.vims?.[1])).toMatchObject({
      interval: 9000,
      timeout: 1000,
      count: 2,
      failAfter: 1,
      probes: ["http"],
    });
  });

  test("a silent monitor is stuck after three intervals, or after an interval and a whole round", () => {
    const settings = settingsOf({ interval: 1000 });
    expect(staleAfter(settings)).toBeCloseTo(1000 + 1000 / 3 + 5000);
    expect(staleAfter({ ...settings, interval: 30_000 })).toBe(90_000);
  });

  test.each<[string, unknown, string]>([
    ["nothing to watch", {}, ': nothing to watch: give "vims", "files" or "tacker"'],
    ["an empty list", { vims: [] }, "vims: the list of VIMs is empty: name one, or leave the key out"],
    [
      "two of the same name",
      { vims: [vim, vim] },
      "vims.1.name: the name edge-1 is taken already, by vims[0]",
    ],
    [
      "a bad URL",
      { vims: [{ ...vim, auth_url: "nonsense" }] },
      "vims.0.auth_url: not a URL: write it with scheme and host, such as https://192.0.2.7:5000/v3",
    ],
    ["an interval of nothing", { interval: "0ms", vims: [vim] }, "interval: too short: at least 10ms"],
    [
      "a timeout beyond the interval",
      { interval: "1s", timeout: "2s", vims: [vim] },
      "timeout: a timeout of 2000 ms is longer than the interval of 1000 ms",
    ],
    [
      "the same for one VIM",
      { timeout: "2s", vims: [{ ...vim, interval: "1s" }] },
      "vims.0.interval: a timeout of 2000 ms is longer than the interval of 1000 ms",
    ],
    [
      "a reference with a name",
      { vims: [vim], references: ["gateway"] },
      "references.0: a reference is an IP address, so that no name service is needed to ask it",
    ],
    ["a probe named twice", { vims: [vim], probe: ["tcp", "tcp"] }, "probe: names a probe twice"],
    [
      "a name with a line break",
      { vims: [{ ...vim, name: "a\nb" }] },
      "vims.0.name: not a name: 1 to 200 characters, control characters excepted",
    ],
    [
      "a Tacker without a project",
      { tacker: { auth_url: "http://k", username: "u", password: "p" } },
      'tacker.project: needs "project", or an application credential',
    ],
    ["a Tacker nowhere", { tacker: {} }, 'tacker.auth_url: needs "auth_url", or "cloud" from a clouds.yaml'],
    [
      "half an application credential",
      { tacker: { auth_url: "http://k", application_credential_id: "i" } },
      'tacker.application_credential_secret: needs "application_credential_secret"',
    ],
  ])("%s is refused", (_, config, problem) => {
    expect(problems(config)).toContain(problem);
  });

  test("what the README shows is valid", () => {
    const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");
    const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml]) =>
      parse(yaml as string),
    );
    const shown = blocks.map(({ sources }) => sources?.vims).find((vims) => vims?.type === "vim-ping");
    const { type: _, ...options } = shown;
    expect(problems(options)).toEqual([]);
  });

  test("tells all that is wrong with a list at once", () => {
    expect(problems({ vims: [{ ...vim, auth_url: "ftp://x" }, { ...vim }] })).toHaveLength(2);
  });
});
