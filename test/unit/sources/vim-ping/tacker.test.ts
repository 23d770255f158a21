import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { accessOf } from "../../../../src/sources/vim-ping/cloud-access.ts";
import { Tacker } from "../../../../src/sources/vim-ping/tacker.ts";
import { tackerConfig } from "../../../../src/sources/vim-ping/tacker-config.ts";
import { CERTIFICATE, KEY } from "./certificate.ts";
import { ScriptedCloud } from "./scripted-cloud.ts";
import { Network } from "./scripted-pinger.ts";
import { runVims, stateOf } from "./vim-source.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-cloud-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = (cloud: ScriptedCloud) => ({
  auth_url: cloud.url,
  username: "user",
  password: "hunter2",
  project: "admin",
  every: "100ms",
  timeout: "1s",
});

async function tacker(cloud: ScriptedCloud, more: object = {}): Promise<Tacker> {
  const config = tackerConfig.parse({ ...options(cloud), ...more });
  return new Tacker(await accessOf(config), config.timeout, AbortSignal.timeout(20_000));
}

async function cloudOf(...vims: Array<Record<string, unknown>>): Promise<ScriptedCloud> {
  const cloud = await ScriptedCloud.start();
  cloud.vims.push(...vims);
  onTestFinished(() => cloud[Symbol.asyncDispose]());
  return cloud;
}

const edge = { id: "u1", name: "edge", type: "openstack", auth_url: "http://192.0.2.7:5000/v3" };

describe("a list of Tacker's VIMs", () => {
  test("comes with a token for the project, and holds nothing secret", async () => {
    const cloud = await cloudOf({
      ...edge,
      auth_cred: { password: "***", username: "nfv" },
      status: "ACTIVE",
    });
    const list = await (await tacker(cloud)).list();
    expect(list).toEqual({
      project: { id: "p1", name: "admin" },
      vims: [{ id: "u1", name: "edge", type: "openstack", authUrl: "http://192.0.2.7:5000/v3" }],
      skipped: 0,
    });
    expect(cloud.logins).toEqual([
      {
        auth: {
          identity: {
            methods: ["password"],
            password: { user: { name: "user", domain: { id: "default" }, password: "hunter2" } },
          },
          scope: { project: { name: "admin", domain: { id: "default" } } },
        },
      },
    ]);
  });

  test("uses one token as long as it is taken, and another after a 401", async () => {
    const cloud = await cloudOf(edge);
    const client = await tacker(cloud);
    await client.list();
    await client.list();
    expect(cloud.logins).toHaveLength(1);
    cloud.revoke();
    expect((await client.list()).vims).toHaveLength(1);
    expect(cloud.logins).toHaveLength(2);
  });

  test("is asked of the region and the interface that are wanted", async () => {
    const cloud = await cloudOf(edge);
    const asked: Array<string | undefined> = [];
    cloud.tacker = (request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify({ vims: [] }));
    };
    await (await tacker(cloud)).list();
    await (await tacker(cloud, { region: "RegionTwo" })).list();
    await (await tacker(cloud, { interface: "internal" })).list();
    expect(asked).toEqual(["/v1.0/vims", "/two/v1.0/vims", "/internal/v1.0/vims"]);
  });

  test("skips what it cannot understand", async () => {
    const cloud = await cloudOf(
      edge,
      { name: "no id", auth_url: "http://h" },
      { id: "u2", auth_url: "http://h" },
    );
    expect(await (await tacker(cloud)).list()).toMatchObject({
      vims: [{ id: "u1" }, { id: "u2", name: "u2", type: undefined }],
      skipped: 1,
    });
  });

  test.each<[string, (cloud: ScriptedCloud) => void, RegExp]>([
    [
      "a token for no project",
      (cloud) => {
        cloud.project = null;
      },
      /token is for no project/,
    ],
    [
      "a token for another project",
      (cloud) => {
        cloud.project = { id: "p2", name: "other" };
      },
      /another project than the one asked for: other/,
    ],
    [
      "HTML from a proxy, 503",
      (cloud) => {
        cloud.tacker = (_, response) =>
          response.writeHead(503, { "content-type": "text/html" }).end("<html>hunter2");
      },
      /^Tacker: HTTP 503$/,
    ],
    [
      "HTML with 200",
      (cloud) => {
        cloud.tacker = (_, response) => response.end("<html>");
      },
      /no list of VIMs/,
    ],
    [
      "a list that is none",
      (cloud) => {
        cloud.tacker = (_, response) => response.end('{"vims": null}');
      },
      /no list of VIMs/,
    ],
    [
      "silence",
      (cloud) => {
        cloud.tacker = () => {};
      },
      /^Tacker: no answer within 300 ms$/,
    ],
    [
      "an answer that breaks off",
      (cloud) => {
        cloud.tacker = (_, response) => {
          response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy());
        };
      },
      /^Tacker: /,
    ],
    [
      "a redirection",
      (cloud) => {
        cloud.tacker = (_, response) => response.writeHead(302, { location: "http://elsewhere/" }).end();
      },
      /^Tacker: HTTP 302$/,
    ],
    [
      "401 without end",
      (cloud) => {
        cloud.tacker = (_, response) => response.writeHead(401).end();
      },
      /^Tacker: HTTP 401$/,
    ],
    [
      "a refused login",
      (cloud) => {
        cloud.keystone = (_, response) =>
          response
            .writeHead(401)
            .end('{"error": {"message": "The request you have made requires authentication."}}');
      },
      /refused the login: HTTP 401, The request you have made/,
    ],
    [
      "a login answered with something else",
      (cloud) => {
        cloud.keystone = (_, response) => response.writeHead(201, { "x-subject-token": "t" }).end("{}");
      },
      /no token of version 3/,
    ],
  ])("%s is a failure, told without a secret", async (_, arrange, message) => {
    const cloud = await cloudOf(edge);
    arrange(cloud);
    const failure = await (await tacker(cloud, { timeout: "300ms" })).list().then(
      () => "no failure",
      (error: Error) => error.message,
    );
    expect(failure).toMatch(message);
    expect(failure).not.toContain("hunter2");
  });

  test("trusts the certificates of a file, and no others", async () => {
    const cloud = await ScriptedCloud.start({ key: KEY, cert: CERTIFICATE });
    onTestFinished(() => cloud[Symbol.asyncDispose]());
    cloud.vims.push(edge);
    await expect((await tacker(cloud)).list()).rejects.toThrow(/Keystone: .*self-signed certificate/);
    const file = join(folder, "ca.pem");
    writeFileSync(file, CERTIFICATE);
    expect((await (await tacker(cloud, { ca_file: file })).list()).vims).toHaveLength(1);
  });
});

describe("clouds.yaml", () => {
  const file = join(folder, "clouds.yaml");
  const write = (text: string) => writeFileSync(file, text);
  const read = (more: object = {}) =>
    accessOf(tackerConfig.parse({ cloud: "mine", clouds_file: file, ...more }));

  test("says where and how to log in, and secure.yaml beside it adds the secret", async () => {
    write(`clouds:
  mine:
    auth:
      auth_url: https://keystone:5000
      username: u
      project_name: p
      project_domain_id: d
    region_name: RegionTwo
    interface: internal
    cacert: ca.pem
    verify: false
`);
    writeFileSync(join(folder, "secure.yaml"), "clouds: { mine: { auth: { password: 12345 } } }");
    expect(await read()).toEqual({
      authUrl: "https://keystone:5000/v3",
      credentials: {
        kind: "password",
        user: { name: "u" },
        userDomain: { id: "default" },
        password: "12345",
        project: { name: "p" },
        projectDomain: { id: "d" },
      },
      region: "RegionTwo",
      interface: "internal",
      caFile: join(folder, "ca.pem"),
      verify: false,
    });
    expect(await read({ region: "RegionOne", interface: "public" })).toMatchObject({
      region: "RegionOne",
      interface: "public",
    });
    rmSync(join(folder, "secure.yaml"));
  });

  test("may hold an application credential", async () => {
    write(
      "clouds: { mine: { auth: { auth_url: 'http://k/v3/', application_credential_id: i, application_credential_secret: s } } }",
    );
    expect((await read()).credentials).toEqual({ kind: "application", credential: { id: "i" }, secret: "s" });
  });

  test.each([
    ["clouds: { other: {} }", /has no cloud mine/],
    ["- nothing", /is not a clouds.yaml/],
    [
      "clouds: { mine: { auth: { auth_url: 'http://k', username: u, password: hunter2 } } }",
      /has no project/,
    ],
    ["clouds: { mine: { auth: { username: u, password: hunter2 } } }", /has no auth_url/],
    [
      "clouds: { mine: { auth: { auth_url: 'http://k', username: [hunter2] } } }",
      /cloud mine: auth.username/,
    ],
  ])("%s is refused without repeating it", async (text, message) => {
    write(text);
    const failure = await read().then(
      () => "no failure",
      (error: Error) => error.message,
    );
    expect(failure).toMatch(message);
    expect(failure).not.toContain("hunter2");
  });
});

describe("vim-ping with a Tacker", () => {
  const quick = { interval: "60ms", timeout: "20ms" };
  const run = (cloud: ScriptedCloud) => runVims(new Network(), { ...quick, tacker: options(cloud) });

  test("watches a VIM under its id, with its name for people", async () => {
    const cloud = await cloudOf(edge, { ...edge, id: "u2" });
    await using harness = await run(cloud);
    await expect.poll(() => stateOf(harness, "vim/u1")).toBe("REACHABLE");
    await expect.poll(() => stateOf(harness, "vim/u2")).toBe("REACHABLE");
    expect(harness.board.find("vim/u1")[0]?.description.title).toBe("edge");
  });

  test("another name is another description, not another monitor", async () => {
    const cloud = await cloudOf({ ...edge });
    await using harness = await run(cloud);
    await expect.poll(() => stateOf(harness, "vim/u1")).toBe("REACHABLE");
    cloud.vims[0] = { ...edge, name: "renamed" };
    await expect.poll(() => harness.board.find("vim/u1")[0]?.description.title).toBe("renamed");
    expect(harness.events({ types: ["vim.unregistered"] })).toEqual([]);
  });

  test("an unscoped token's empty list deletes nothing", async () => {
    const cloud = await cloudOf(edge);
    await using harness = await run(cloud);
    await expect.poll(() => stateOf(harness, "vim/u1")).toBe("REACHABLE");
    cloud.project = null;
    cloud.vims.length = 0;
    cloud.revoke();
    const { length } = cloud.logins;
    await expect.poll(() => cloud.logins.length).toBeGreaterThan(length + 3);
    expect(stateOf(harness, "vim/u1")).toBe("REACHABLE");
    cloud.project = { id: "p1", name: "admin" };
    await expect.poll(() => stateOf(harness, "vim/u1")).toBeUndefined();
  });

  test("a list that turns empty is believed only with a token just given", async () => {
    const cloud = await cloudOf(edge);
    await using harness = await run(cloud);
    await expect.poll(() => stateOf(harness, "vim/u1")).toBe("REACHABLE");
    expect(cloud.logins).toHaveLength(1);
    cloud.vims.length = 0;
    await expect.poll(() => stateOf(harness, "vim/u1")).toBeUndefined();
    expect(cloud.logins).toHaveLength(2);
  });

  test("a VIM whose auth_url turned unusable is watched where it was", async () => {
    const cloud = await cloudOf({ ...edge });
    await using harness = await run(cloud);
    await expect.poll(() => stateOf(harness, "vim/u1")).toBe("REACHABLE");
    cloud.vims[0] = { ...edge, auth_url: "nonsense" };
    const { lists } = cloud;
    await expect.poll(() => cloud.lists).toBeGreaterThan(lists + 3);
    expect(stateOf(harness, "vim/u1")).toBe("REACHABLE");
    expect(harness.events({ types: ["vim.unregistered"] })).toEqual([]);
  });
});
