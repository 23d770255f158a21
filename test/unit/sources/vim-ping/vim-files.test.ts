import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settingsOf } from "../../../../src/sources/vim-ping/settings.ts";
import { parseVimFile } from "../../../../src/sources/vim-ping/vim-file.ts";
import { VimFiles } from "../../../../src/sources/vim-ping/vim-files.ts";
import { Network } from "./scripted-pinger.ts";
import { runVims, stateOf } from "./vim-source.ts";

const settings = settingsOf({});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeguard-vims-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => {
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
};

describe("a VIM configuration file", () => {
  const openstack = `auth_url: 'https://192.0.2.7/identity/v3'
username: 'nfv_user'
password: 'mySecretPW'
project_name: 'nfv'
project_domain_name: 'Default'
user_domain_name: 'Default'
cert_verify: 'True'
`;
  const kubernetes = `auth_url: "https://[2001:db8::9]:6443"
type: kubernetes
name: k8s site
bearer_token: "eyJhbGci"
ssl_ca_cert: "-----BEGIN CERTIFICATE-----"
project_name: "default"
`;

  test("is named like the file, and no credential is kept", () => {
    const vim = parseVimFile("/etc/vims/edge-7.yaml", openstack, settings);
    expect(vim).toMatchObject({
      subject: "vim/edge-7",
      name: "edge-7",
      type: "openstack",
      target: { host: "192.0.2.7", port: 443 },
    });
    expect(JSON.stringify(vim)).not.toMatch(/mySecretPW|nfv_user/);
  });

  test("is named by its name, and may be of Kubernetes", () => {
    const vim = parseVimFile("/etc/vims/x.yaml", kubernetes, settings);
    expect(vim).toMatchObject({
      subject: "vim/k8s site",
      type: "kubernetes",
      target: { host: "2001:db8::9" },
    });
    expect(JSON.stringify(vim)).not.toMatch(/eyJhbGci|CERTIFICATE/);
  });

  test.each([
    ["auth_url: [", /^v\.yaml:\d: not valid YAML/],
    ["username: a\npassword: b\n", /^v\.yaml:1: auth_url is missing/],
    ["type: openstack\nauth_url: 'pw: hunter2'\n", /^v\.yaml:2: auth_url: not an http or https URL/],
    ["auth_url: https://h\n\ntype: vmware\n", /^v\.yaml:3: type is neither openstack nor kubernetes/],
    ["auth_url: https://h\nname: [a]\n", /^v\.yaml:2: name is not a text/],
    ["just words", /^v\.yaml:1: expected keys and values/],
    ["", /^v\.yaml:1: expected keys and values/],
    ["auth_url: https://h\n---\nauth_url: https://i\n", /^v\.yaml:2: not valid YAML/],
  ])("%j is refused by name and line, without repeating what stands there", (text, message) => {
    expect(() => parseVimFile("v.yaml", text, settings)).toThrow(message);
    expect(() => parseVimFile("v.yaml", text, settings)).toThrow(/^(?!.*hunter2)/s);
  });
});

describe("files", () => {
  function reader(place: string) {
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (message: string) => warnings.push(message) };
    return { files: new VimFiles(place, settings, log), warnings };
  }
  const names = async (files: VimFiles) => (await files.look()).map(({ name }) => name).toSorted();

  test("of a folder are those in YAML", async () => {
    put("b.yml", "auth_url: https://192.0.2.2");
    put("a.yaml", "auth_url: https://192.0.2.1");
    put(".hidden.yaml", "auth_url: https://192.0.2.3");
    put("notes.txt", "not one");
    expect(await names(reader(folder).files)).toEqual(["a", "b"]);
  });

  test("of a glob are those that it names", async () => {
    mkdirSync(join(folder, "one"));
    mkdirSync(join(folder, "two"));
    put("one/edge-1.yaml", "auth_url: https://192.0.2.1");
    put("two/edge-2.yaml", "auth_url: https://192.0.2.2");
    put("two/core.yaml", "auth_url: https://192.0.2.3");
    const { files } = reader(join(folder, "*", "edge-*.yaml"));
    expect(files.watched).toBe(folder);
    expect(await names(files)).toEqual(["edge-1", "edge-2"]);
  });

  test("may be a single one, whatever its ending", async () => {
    put("vim.conf", "auth_url: https://192.0.2.1");
    expect(await names(reader(join(folder, "vim.conf")).files)).toEqual(["vim"]);
  });

  test("one that is bad is told once, keeps what it said before, and harms no other", async () => {
    put("a.yaml", "auth_url: https://192.0.2.1");
    put("b.yaml", "auth_url: nonsense");
    const { files, warnings } = reader(folder);
    expect(await names(files)).toEqual(["a"]);
    expect(await names(files)).toEqual(["a"]);
    expect(warnings).toEqual([expect.stringContaining(join(folder, "b.yaml:1: auth_url: not a URL"))]);
    put("a.yaml", "auth_url: {");
    expect(await names(files)).toEqual(["a"]);
    put("b.yaml", "auth_url: https://192.0.2.2");
    rmSync(join(folder, "a.yaml"));
    expect(await names(files)).toEqual(["b"]);
  });

  test("two of the same name: the first counts, the other is told", async () => {
    put("a.yaml", "{ name: x, auth_url: https://192.0.2.1 }");
    put("b.yaml", "{ name: x, auth_url: https://192.0.2.2 }");
    const { files, warnings } = reader(folder);
    expect((await files.look()).map(({ target }) => target.host)).toEqual(["192.0.2.1"]);
    expect(warnings).toEqual([expect.stringContaining("the name x is taken already")]);
  });

  test("a folder that is not there yet has none, and says so", async () => {
    const { files, warnings } = reader(join(folder, "later"));
    expect(await names(files)).toEqual([]);
    expect(warnings).toHaveLength(1);
  });
});

describe("vim-ping with a folder", () => {
  const quick = { interval: "60ms", timeout: "20ms" };

  test("follows files that come, change and go", async () => {
    const network = new Network();
    put("a.yaml", "auth_url: https://192.0.2.1");
    await using harness = await runVims(network, { ...quick, files: folder });
    await expect.poll(() => stateOf(harness, "vim/a")).toBe("REACHABLE");

    put("b.yaml", "auth_url: https://192.0.2.2");
    await expect.poll(() => stateOf(harness, "vim/b"), { timeout: 10_000 }).toBe("REACHABLE");

    put("a.yaml", "auth_url: https://192.0.2.9");
    const host = () => (harness.board.find("vim/a")[0]?.event?.data as { host: string } | undefined)?.host;
    await expect.poll(host, { timeout: 10_000 }).toBe("192.0.2.9");
    const lives = harness.events({ subjects: ["vim/a"], types: ["vim.registered", "vim.unregistered"] });
    expect(lives.map(({ event }) => event.type)).toEqual([
      "vim.registered",
      "vim.unregistered",
      "vim.registered",
    ]);

    rmSync(join(folder, "b.yaml"));
    await expect.poll(() => stateOf(harness, "vim/b"), { timeout: 10_000 }).toBeUndefined();
    expect(harness.events({ subjects: ["vim/b"], types: ["vim.unregistered"] })).toHaveLength(1);
    expect([...network.pinger.targets.values()].map(({ address }) => address)).toEqual(["192.0.2.9"]);
  }, 40_000);

  test("unregisters what vanished while it was away", async () => {
    const network = new Network();
    const dataDirectory = join(folder, "data");
    mkdirSync(join(folder, "vims"));
    put("vims/a.yaml", "auth_url: https://192.0.2.1");
    put("vims/b.yaml", "auth_url: https://192.0.2.2");
    const config = { ...quick, files: join(folder, "vims") };
    {
      await using harness = await runVims(network, config, { dataDirectory });
      await expect.poll(() => stateOf(harness, "vim/a")).toBe("REACHABLE");
      await expect.poll(() => stateOf(harness, "vim/b")).toBe("REACHABLE");
    }
    rmSync(join(folder, "vims", "a.yaml"));
    await using harness = await runVims(network, config, { dataDirectory });
    await expect.poll(() => stateOf(harness, "vim/a")).toBeUndefined();
    expect(harness.events({ subjects: ["vim/a"], types: ["vim.unregistered"] })).toHaveLength(1);
    expect(stateOf(harness, "vim/b")).toBe("REACHABLE");
  });

  test("a VIM of monitors.yaml goes before a file of the same name", async () => {
    const network = new Network();
    put("a.yaml", "auth_url: https://192.0.2.1");
    const vims = [{ name: "a", auth_url: "http://192.0.2.7" }];
    await using harness = await runVims(network, { ...quick, files: folder, vims });
    await expect.poll(() => stateOf(harness, "vim/a")).toBe("REACHABLE");
    expect(harness.pipeline.engine.monitors.list()).toHaveLength(1);
    expect([...network.pinger.targets.values()].map(({ address }) => address)).toEqual(["192.0.2.7"]);
  });
});
