import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Link } from "../../../../../src/plugin/index.ts";
import type { RelatedEntry } from "../../../../../src/sinks/web/related/config.ts";
import { RelatedMonitors } from "../../../../../src/sinks/web/related/related-monitors.ts";
import { timingOf } from "../../../../../src/sinks/web/related/timing.ts";
import { temporaryFolder } from "../../../../support/temp-folder.ts";
import { World } from "../context.ts";
import { usePeer } from "./peer.ts";

const peer = usePeer();
const links = (...hrefs: string[]): Link[] => hrefs.map((href) => ({ rel: "related_monitor", href }));
const started: RelatedMonitors[] = [];
afterEach(() => Promise.all(started.splice(0).map((one) => one.close())));

function start(world: World, entries: RelatedEntry[] = []) {
  const related = new RelatedMonitors(world.context(), entries, timingOf(60_000));
  started.push(related);
  related.start();
  return related;
}

describe("related monitors", () => {
  it("are those of the option and those that instances name, each once", async () => {
    const world = new World();
    world.describe("a", { links: links(peer.url, "https://[...]/", "/static") });
    world.describe("b", { links: links(`${peer.url}monitor.haljson`, `${peer.url}b/`) });
    peer.serve("/monitor.haljson", { title: "root" });
    peer.serve("/b/monitor.haljson", { title: "of b" });
    peer.serve("/c/monitor.haljson", { title: "of the option" });
    const related = start(world, [{ url: `${peer.url}c` }]);
    expect(related.configured).toEqual([{ rel: "related_monitor", href: `${peer.url}c`, title: undefined }]);
    const all = () =>
      related.of(
        links("/m/own/", `${peer.url}c`, peer.url, "https://[...]/", "/static", `${peer.url}b/`, peer.url),
      );
    await expect
      .poll(() => all().map(({ title, state }) => [title, state]))
      .toEqual([
        ["of the option", "heard"],
        ["root", "heard"],
        ["https://[...]/", "dead"],
        ["/static", "dead"],
        ["of b", "heard"],
      ]);
    expect(all()[2]).toMatchObject({
      error: "this is not a URL that can be asked",
      link: undefined,
      deadSince: null,
    });
    expect(peer.paths.sort()).toEqual(["/b/monitor.haljson", "/c/monitor.haljson", "/monitor.haljson"]);
  });

  it("come and go with what instances say, and only with that", async () => {
    const world = new World();
    peer.serve("/monitor.haljson", { title: "root" });
    const related = start(world);
    const seen = () => related.of(links(peer.url, "https://[x")).map(({ state }) => state);
    const { version } = related;
    world.describe("a", { links: links(peer.url, "https://[x") });
    await expect.poll(seen).toEqual(["heard", "dead"]);
    expect(related.version).toBeGreaterThan(version);
    world.describe("b", { title: "says nothing of others" });
    world.describe("a", { links: [{ rel: "runbook", href: peer.url }] });
    await expect.poll(seen).toEqual([]);
    world.describe("a", { links: links(peer.url) });
    await expect.poll(seen).toEqual(["heard"]);
    expect(world.gauges.get("web_related_monitors")).toBeDefined();
  });

  it("are logged in to with the option's login, also where an instance names them", async () => {
    const world = new World();
    const logins: Record<string, string> = {};
    for (const path of ["/a/", "/b/"])
      peer.answers.set(`${path}monitor.haljson`, ({ headers }, response) => {
        logins[path] = Buffer.from(headers.authorization?.slice(6) ?? "", "base64").toString();
        response.end('{"title":"in"}');
      });
    world.describe("a", { links: links(`${peer.url}a`, `${peer.url}b/`) });
    const related = start(world, [
      { url: `${peer.url}a/`, username: "admin", password: "secret", title: "A" },
    ]);
    await expect.poll(() => logins).toEqual({ "/a/": "admin:secret", "/b/": "" });
    const shown = related.of(links(`${peer.url}a`, `${peer.url}b`));
    expect(shown.map(({ title }) => title)).toEqual(["A", "in"]);
    expect(JSON.stringify(shown)).not.toContain("secret");
  });

  it("are announced when something about them changes, and told in the log when they die and come back", async () => {
    const world = new World();
    using folder = temporaryFolder();
    const ca = join(folder.path, "ca.pem");
    peer.serve("/monitor.haljson", { title: "root" });
    const related = new RelatedMonitors(world.context(), [{ url: peer.url, ca }], timingOf(1000));
    started.push(related);
    let announced = 0;
    related.changes.subscribe(() => announced++);
    related.start();
    const state = () => related.of(links(peer.url))[0]?.state;
    await expect.poll(state).toBe("dead");
    await expect.poll(() => announced).toBeGreaterThan(0);
    const before = announced;
    writeFileSync(ca, "");
    await expect.poll(state).toBe("heard");
    await expect.poll(() => announced).toBeGreaterThan(before);
    expect(world.logged).toEqual([
      expect.stringMatching(/^the related monitor 127\.0\.0\.1:\d+ is dead: the certificates of its `ca`/),
      "the related monitor root is heard again",
    ]);
  });

  it("that another lifeguard's instances name are shown as links and never asked", async () => {
    const world = new World();
    const ours = `${peer.url}ours/`;
    const theirs = `${peer.url}theirs/`;
    const both = `${peer.url}both/`;
    for (const path of ["/ours/", "/theirs/", "/both/"])
      peer.serve(`${path}monitor.haljson`, { title: path });
    world.describe("foreign", { links: links(theirs, both, "https://[...]/") }, "elsewhere");
    world.describe("own", { links: links(ours, both) });
    const related = start(world);
    const seen = () => related.of(links(ours, both, theirs, "https://[...]/")).map(({ state }) => state);
    await expect.poll(seen).toEqual(["heard", "heard", "unasked", "unasked"]);
    expect(related.of(links(theirs, "https://[...]/"))).toMatchObject([
      { link: theirs, title: new URL(peer.url).host, status: "unknown", error: null },
      { link: undefined, title: "https://[...]/", status: "unknown" },
    ]);
    expect(peer.paths.sort()).toEqual(["/both/monitor.haljson", "/ours/monitor.haljson"]);
    world.describe("own", { links: links(theirs) });
    await expect.poll(seen).toEqual(["unasked", "heard", "unasked"]);
  });

  it("are two hundred at most", async () => {
    const world = new World();
    const hrefs = Array.from({ length: 300 }, (_, at) => `http://[${at}`);
    world.describe("a", { links: links(...hrefs) });
    const related = start(world);
    expect(related.of(links(...hrefs))).toHaveLength(200);
  });

  it("are left alone once it is closed", async () => {
    const world = new World();
    peer.answers.set("/monitor.haljson", () => {});
    const related = start(world, [{ url: peer.url }]);
    await expect.poll(() => peer.paths).toHaveLength(1);
    await related.close();
    expect(related.of(links(peer.url))).toMatchObject([{ state: "pending" }]);
  });
});
