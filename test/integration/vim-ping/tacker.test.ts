import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Harness } from "lifeguard/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import vimPing from "../../../src/sources/vim-ping/index.ts";
import { ADMIN } from "../../servers/keystone.ts";
import { type OpenStack, startOpenStack } from "../../servers/openstack.ts";
import { until } from "../../support/until.ts";

/*
 * The source against a real Keystone and a real Tacker. The VIMs are addresses of 127.0.0.0/8, asked by real ICMP where that is permitted,
 * else by TCP.
 */

/** Seconds that tokens are good for: short, so that every test sees some expire. */
const EXPIRATION = 8;

const folder = mkdtempSync(join(tmpdir(), "lifeguard-tacker-"));
let openstack: OpenStack | undefined;
let missing: string | undefined;
let project = "";

beforeAll(async () => {
  const started = await startOpenStack({ expiration: EXPIRATION });
  if ("missing" in started) {
    missing = started.missing;
    return;
  }
  openstack = started;
  const { projects } = await started.keystone.call("GET", "/projects?name=admin");
  project = ((projects as Array<{ id: string }>)[0] as { id: string }).id;
  const other = await started.keystone.createProject("other");
  await started.keystone.createUser("guest", "guest-pw", other, "member");
}, 600_000);

afterAll(async () => {
  await openstack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

beforeEach((context) => {
  if (missing !== undefined) context.skip(`SKIPPED: this needs ${missing}`);
});

const servers = () => openstack as OpenStack;

const access = () => ({
  auth_url: servers().keystone.url,
  username: ADMIN.username,
  password: ADMIN.password,
  project: ADMIN.project,
  every: "200ms",
  timeout: "3s",
});

interface Run {
  readonly harness: Harness;
  log(): string;
}

async function run(tacker: object = access(), dataDirectory?: string): Promise<Run> {
  let log = "";
  const harness = await Harness.start({
    sources: {
      vims: { definition: vimPing, config: { interval: "200ms", timeout: "60ms", tacker } },
    },
    ...(dataDirectory !== undefined && { dataDirectory }),
    log: {
      write(line: string) {
        log += line;
        return true;
      },
    },
  });
  onTestFinished(() => harness.stop());
  return { harness, log: () => log };
}

const row = ({ harness }: Run, id: string) => harness.board.find(`vim/${id}`)[0];
const monitored = ({ harness }: Run) => harness.pipeline.engine.monitors.list().map(({ subject }) => subject);
const reachable = (running: Run, id: string) =>
  until(
    `vim/${id} to be REACHABLE, its log: ${running.log().slice(-2000)}`,
    () => row(running, id)?.status === "ok" && row(running, id)?.state === "REACHABLE",
  );
const insert = (name: string, address: string) => {
  const id = servers().tacker.insertVim(project, name, `http://${address}:5000/v3`);
  onTestFinished(async () => {
    await servers()
      .tacker.deleteVim(id, await servers().keystone.token())
      .catch(() => {});
  });
  return id;
};
const data = () => mkdtempSync(join(folder, "data-"));

describe("a live Tacker", () => {
  test("VIMs that are created, moved and deleted are registered, made anew and unregistered", async () => {
    const first = insert("edge", "127.0.0.11");
    const running = await run();
    await reachable(running, first);
    expect(row(running, first)).toMatchObject({
      description: { title: "edge", description: "openstack at 127.0.0.11:5000" },
      event: { data: { vim: "edge", host: "127.0.0.11" } },
    });

    // Names are not unique in a Tacker: two projects may have the same.
    const cloud = await servers().tacker.createVim(await servers().keystone.token(), {
      name: "cloud",
      type: "openstack",
      auth_url: servers().keystone.url,
      auth_cred: {
        username: ADMIN.username,
        user_domain_name: "Default",
        password: ADMIN.password,
        cert_verify: "False",
      },
      vim_project: { name: "admin", project_domain_name: "Default" },
    });
    await reachable(running, cloud);
    expect(monitored(running).toSorted()).toEqual([`vim/${first}`, `vim/${cloud}`].toSorted());

    servers().tacker.moveVim(first, "https://[::1]:6443/v3");
    await until("the VIM to be asked elsewhere", () => {
      const { data } = row(running, first)?.event ?? {};
      return (data as { host?: string } | undefined)?.host === "::1";
    });
    const { harness } = running;
    const lives = harness
      .events({ subjects: [`vim/${first}`], types: ["vim.registered", "vim.unregistered"] })
      .map(({ event }) => event.type);
    expect(lives).toEqual(["vim.registered", "vim.unregistered", "vim.registered"]);

    const token = await servers().keystone.token();
    await servers().tacker.deleteVim(cloud, token);
    await until("the deleted VIM to go", () => row(running, cloud) === undefined);
    // The last one, too: the list that is empty then is believed.
    await servers().tacker.deleteVim(first, token);
    await until("the last VIM to go", () => row(running, first) === undefined);
    expect(monitored(running)).toEqual([]);
    expect(running.log()).not.toContain("could not be listed");
  });

  test("an expired token is replaced, and nobody notices", async () => {
    const first = insert("edge", "127.0.0.12");
    const running = await run();
    await reachable(running, first);
    const began = performance.now();
    await until("tokens to expire", () => performance.now() - began > (EXPIRATION + 2) * 1000, 30_000);
    const second = insert("later", "127.0.0.13");
    await reachable(running, second);
    expect(row(running, first)?.state).toBe("REACHABLE");
    expect(running.log()).not.toContain("could not be listed");
  });

  test("while Keystone is down nothing changes, and afterwards all is found", async () => {
    const first = insert("edge", "127.0.0.14");
    const running = await run();
    await reachable(running, first);
    await servers().keystone.stop();
    try {
      const second = insert("meanwhile", "127.0.0.15");
      await until("the outage to be noticed", () => running.log().includes("could not be listed"));
      expect(monitored(running)).toEqual([`vim/${first}`]);
      expect(row(running, first)?.state).toBe("REACHABLE");
      await servers().keystone.restart();
      await reachable(running, second);
    } finally {
      await servers().keystone.restart();
    }
    await until("the news", () => running.log().includes("Tacker answers again"));
    expect(running.harness.events({ types: ["vim.unregistered"] })).toEqual([]);
  });

  test("while Tacker is down nothing changes, not even over a restart of lifeguard", async () => {
    const first = insert("edge", "127.0.0.16");
    const dataDirectory = data();
    const before = await run(access(), dataDirectory);
    await reachable(before, first);
    await servers().tacker.stop();
    try {
      await until("the outage to be noticed", () => before.log().includes("could not be listed"));
      expect(row(before, first)?.state).toBe("REACHABLE");
      await before.harness.stop();

      const after = await run(access(), dataDirectory);
      await reachable(after, first);
      expect(row(after, first)?.description.title).toBe("edge");
      await servers().tacker.restart();
      const second = insert("meanwhile", "127.0.0.17");
      await reachable(after, second);
      expect(after.harness.events({ types: ["vim.unregistered"] })).toEqual([]);
    } finally {
      await servers().tacker.restart();
    }
  });

  test("the empty list of a foreign project deletes nothing", async () => {
    const first = insert("edge", "127.0.0.18");
    const dataDirectory = data();
    const before = await run(access(), dataDirectory);
    await reachable(before, first);
    await before.harness.stop();

    const guest = { ...access(), username: "guest", password: "guest-pw", project: "other" };
    const after = await run(guest, dataDirectory);
    await until("the empty list", () => after.log().includes("are of another project: they are kept"));
    await reachable(after, first);
    expect(after.harness.events({ types: ["vim.unregistered"] })).toEqual([]);
  });

  test("a VIM that was deleted while lifeguard was away is unregistered at the next start", async () => {
    const first = insert("edge", "127.0.0.19");
    const second = insert("stays", "127.0.0.20");
    const dataDirectory = data();
    const before = await run(access(), dataDirectory);
    await reachable(before, first);
    await before.harness.stop();
    await servers().tacker.deleteVim(first, await servers().keystone.token());
    const after = await run(access(), dataDirectory);
    await until("the deleted VIM to go", () => row(after, first) === undefined);
    await reachable(after, second);
  });

  test("application credentials and clouds.yaml log in, and nothing secret is ever written", async () => {
    const first = insert("edge", "127.0.0.21");
    const { keystone } = servers();
    const token = await keystone.token();
    const me = await fetch(`${keystone.url}/auth/tokens`, {
      headers: { "x-auth-token": token, "x-subject-token": token },
    });
    const { user } = ((await me.json()) as { token: { user: { id: string } } }).token;
    const secret = "a-secret-of-its-own";
    const { application_credential: credential } = await keystone.call(
      "POST",
      `/users/${user.id}/application_credentials`,
      { application_credential: { name: "lifeguard", secret } },
    );
    const clouds = join(folder, "clouds.yaml");
    writeFileSync(
      clouds,
      `clouds:
  plain:
    auth: { auth_url: "${keystone.url}", username: admin, password: admin-pw, project_name: admin, user_domain_name: Default }
    region_name: RegionOne
  application:
    auth_type: v3applicationcredential
    auth:
      auth_url: ${keystone.url}
      application_credential_id: ${(credential as { id: string }).id}
      application_credential_secret: ${secret}
`,
    );
    const every = { every: "200ms", timeout: "3s" };
    for (const tacker of [
      { cloud: "plain", clouds_file: clouds, ...every },
      { cloud: "application", clouds_file: clouds, ...every },
      {
        auth_url: keystone.url,
        application_credential_id: (credential as { id: string }).id,
        application_credential_secret: secret,
        ...every,
      },
    ]) {
      const running = await run(tacker);
      await reachable(running, first);
      const everything = running.log() + JSON.stringify(running.harness.events());
      for (const word of [secret, "admin-pw", "stored-pw"]) expect(everything).not.toContain(word);
      await running.harness.stop();
    }
  });

  test("a wrong password and a region without Tacker are told, without the password", async () => {
    const wrong = await run({ ...access(), password: "wrong-pw" });
    await until("the refusal", () => wrong.log().includes("Keystone refused the login: HTTP 401"));
    expect(wrong.log()).not.toContain("wrong-pw");
    const nowhere = await run({ ...access(), region: "Elsewhere" });
    await until("what is missing", () =>
      nowhere.log().includes("no public endpoint of type nfv-orchestration in region Elsewhere"),
    );
  });
});
