import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { LifeguardError } from "../../../../src/plugin/index.ts";
import { state, World } from "./context.ts";
import { useWeb } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-access-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const users = join(folder, "users");
/** Lines that Apache's htpasswd wrote; the password is "secret" of the first and "hunter2" of the second. */
const ALICE = "alice:$2y$04$y7rgrKAYL6a2NAtA7OjC4.N9VYkwQHN3tYqsscrs5s792N6iI.GGW";
const BOB = "bob:$apr1$m./mPAkj$Kyj7StF2ThmDKUULXw3bV1";
writeFileSync(users, `${ALICE}\n${BOB}\n`);

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});
const alice = basic("alice", "secret");

const world = new World();
const resources = [
  { name: "open.log", path: join(folder, "open.log"), public: true },
  { name: "closed.log", path: join(folder, "closed.log"), public: false },
];
writeFileSync(join(folder, "open.log"), "for all\n");
writeFileSync(join(folder, "closed.log"), "for some\n");
world.add(
  state("promise/open", { description: { public: true, commands: ["run"], resources } }),
  state("promise/closed", { description: { commands: ["run"], resources } }),
  state("vim/edge", { source: "vims", instance: "vims" }),
);
world.describe("promises", { public: true, title: "The promises", resources });
world.components = [
  { id: "source/x", kind: "source", state: "permanent", status: "critical", message: "broken", since: "" },
];
const web = useWeb(world, { htpasswd: users });

const CGI = "/cgi-bin/monitor-run-promise.cgi?service=open";
const PRIVATE = [
  "/",
  "/monitor.haljson",
  "/feed",
  "/feed.atom",
  "/events",
  "/metrics",
  "/status",
  "/m/promises",
  "/m/promises/",
  "/m/promises/monitor.haljson",
  "/m/promises/feed",
  "/m/promises/events",
];
const UNKNOWN = [
  "/nothing",
  "/public/nothing.status.json",
  "/public/nothing/index.html",
  "/nothing/status.json",
  "/m/nothing/public/",
  "/private/nothing/x",
];
const FORBIDDEN = [
  "/private",
  "/private/",
  "/private/open/",
  "/monitor.css",
  "/monitor.js",
  "/cgi-bin/other.cgi",
  "/public/closed.status.json",
  "/public/closed.history.json",
  "/public/closed.rss",
  "/public/closed/",
  "/public/closed/index.html",
  "/public/closed/open.log",
  "/closed/status.json",
  "/closed/index.html",
  "/default-promise-interface.html?service_name=closed",
  "/public/vim%2Fedge.status.json",
  "/m/vims/public/",
  "/m/vims/public/monitor.haljson",
  "/m/promises/public/closed.status.json",
  "/public/open/closed.log",
  "/public/closed.log",
  "/private/open/closed.log",
  "/private/closed.log",
];
const OPEN = [
  "/livez",
  "/public/",
  "/public/monitor.haljson",
  "/public/monitor.global.json",
  "/public/feed",
  "/public/open.status.json",
  "/public/open.history.json",
  "/public/open/index.html",
  "/public/open/open.log",
  "/open/status.json",
  "/open/index.html",
  "/default-promise-interface.html?service_name=open",
  "/m/promises/public/",
  "/m/promises/public/open.status.json",
  "/m/promises/open/status.json",
  "/summary",
  "/summary.json",
  "/badge.svg",
  "/badge/promise/open.svg",
];

describe("who has not logged in", () => {
  it.each([...PRIVATE, ...UNKNOWN, ...FORBIDDEN])(
    "is asked to for %s, which may exist or not",
    async (path) => {
      const answer = await web.ask(path);
      expect(answer).toMatchObject({ status: 401, text: "a login is needed here\n" });
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic realm="Private access"/);
      expect((await web.ask(path, { method: "HEAD" })).status).toBe(401);
    },
  );

  it.each(OPEN)("may look at %s", async (path) => {
    expect((await web.ask(path)).status).toBe(200);
  });

  it("sees in every list only what is public", async () => {
    for (const path of OPEN)
      for (const accept of ["text/html", "application/json", "text/plain", "application/rss+xml"]) {
        const { text } = await web.ask(path, { headers: { accept } });
        expect(text).not.toMatch(/closed|vim|edge|source\/x|broken/);
      }
  });

  it("is shown no button, and no way to what he may not do", async () => {
    for (const path of ["/public/", "/public/open/index.html"]) {
      const { text } = await web.ask(path, { headers: { accept: "text/html" } });
      expect(text).not.toMatch(/method="post"|\/metrics|\/readyz/);
      expect(text).toContain('data-events="/public/events?');
    }
  });

  it("learns that we are ready, and nothing else", async () => {
    expect((await web.ask("/readyz")).text).toBe('{"status":"ready"}');
  });

  it("has nothing done", async () => {
    for (const path of [CGI, `/m/promises${CGI}`, "/run?service=open", "/nothing"])
      expect((await web.ask(path, { method: "POST" })).status).toBe(401);
    expect(world.commands).toEqual([]);
  });

  it("follows what is public", async () => {
    const leave = new AbortController();
    const answer = await fetch(`${web.url}/public/events?types=*&types=lifeguard.*`, {
      signal: leave.signal,
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const read = (async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        text += part.value;
    })().catch(() => {});
    await vi.waitFor(() => expect(text).toContain("retry"));
    world.observe("promise/closed", { message: "not for all" });
    world.observe("promise/open", { message: "for all", type: "lifeguard.odd" });
    world.observe("promise/open", { message: "for all", type: "promise.passed" });
    await vi.waitFor(() => expect(text).toContain('"message":"for all"'));
    expect(text).not.toMatch(/closed|not for all|lifeguard\.odd/);
    leave.abort();
    await read;
  });
});

describe("those who have not logged in", () => {
  it("leave room at the events for those who have", async () => {
    const leave = new AbortController();
    const { signal } = leave;
    // They are kept: fetch closes the connection of an answer that nobody holds any more.
    const answers: Response[] = [];
    const follow = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(web.url + path, { headers, signal });
      answers.push(answer);
      return answer.status;
    };
    const statuses = await Promise.all(Array.from({ length: 51 }, () => follow("/public/events")));
    expect(statuses.filter((status) => status === 503)).toHaveLength(1);
    expect(await follow("/events", alice)).toBe(200);
    expect(answers).toHaveLength(52);
    leave.abort();
    await vi.waitFor(() => expect(world.gauges.get("web_event_clients")).toBe(0));
  });
});

describe("what goes wrong inside", () => {
  const why = "no connection to postgres@10.0.0.5";

  it("is told to who may know about the workings, and to others only that it did", async () => {
    const broken = vi.spyOn(world, "isReady", "get").mockImplementation(() => {
      throw new LifeguardError("DATABASE", why);
    });
    const stranger = await web.ask("/readyz");
    const known = await web.ask("/readyz", { headers: alice });
    broken.mockRestore();
    expect([stranger.status, known.status]).toEqual([500, 500]);
    expect(stranger.text).toBe("something went wrong here; the log says more\n");
    expect(known.text).toContain(why);
  });

  it("of the history stands on a service's page for them alone, too", async () => {
    const fails = async () => {
      throw new Error(why);
    };
    world.history = { events: fails, episodes: fails, days: fails, measures: fails };
    const [stranger, known] = await Promise.all(
      [{}, alice].map((headers) => web.ask("/public/open/index.html", { headers })),
    );
    world.history = undefined;
    expect(stranger?.text).toContain("The history cannot be read now.");
    expect(stranger?.text).not.toContain(why);
    expect(known?.text).toContain(`The history cannot be read now: ${why}.`);
  });
});

describe("who has logged in", () => {
  it.each([
    ["alice", "secret"],
    ["bob", "hunter2"],
  ])("as %s sees everything", async (name, password) => {
    const headers = basic(name, password);
    for (const path of [...OPEN, ...PRIVATE.filter((path) => !/events|m\/promises$/.test(path))])
      expect([path, (await web.ask(path, { headers })).status]).toEqual([path, 200]);
    expect((await web.ask("/public/closed.status.json", { headers })).status).toBe(200);
    expect((await web.ask("/readyz", { headers })).text).toContain("source/x");
    expect((await web.ask("/", { headers: { ...headers, accept: "text/html" } })).text).toContain("<form");
    for (const path of UNKNOWN) expect((await web.ask(path, { headers })).status).toBe(404);
  });

  it("may have something done, and is named as who did it", async () => {
    expect((await web.ask(CGI, { method: "POST", headers: alice })).status).toBe(204);
    expect(world.commands).toMatchObject([{ by: { kind: "user", name: "alice" } }]);
    world.commands.length = 0;
  });
});

describe("a login that is wrong", () => {
  let client = 0;

  it.each([
    ["a wrong password", basic("alice", "Secret")],
    ["no password", basic("alice", "")],
    ["an unknown name", basic("mallory", "secret")],
    ["no name", basic("", "secret")],
    ["another scheme", { authorization: "Bearer secret" }],
    ["no base64", { authorization: "Basic !!!" }],
    ["no colon", { authorization: `Basic ${Buffer.from("alice").toString("base64")}` }],
  ])("is refused: %s", async (_what, headers) => {
    const from = { "x-forwarded-for": `192.0.2.${++client}` };
    for (const path of ["/", "/public/", "/nothing"]) {
      const answer = await web.ask(path, { headers: { ...headers, ...from } });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toMatch(/^Basic/);
    }
    expect((await web.ask("/livez", { headers })).status).toBe(200);
  });
});

describe("a client that tries out passwords", () => {
  const from = (client: string) => ({ "x-forwarded-for": client });
  const attempt = (client: string, at: number) =>
    web.ask("/", { headers: { ...basic("alice", `guess ${at}`), ...from(client) } });

  it("has to wait after ten, and shuts out nobody else", async () => {
    await web.ask("/", { headers: alice });
    const answers = [];
    // On a slow machine a few are forgotten meanwhile.
    while (answers.at(-1)?.status !== 429 && answers.length < 50)
      answers.push(await attempt("198.51.100.1", answers.length));
    expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(401));
    expect(answers.at(-1)?.status).toBe(429);
    expect(Number(answers.at(-1)?.headers["retry-after"])).toBeGreaterThan(0);
    expect((await attempt("198.51.100.2", 1)).status).toBe(401);
    // Not even from where the guesses come: this login was good before.
    expect((await web.ask("/", { headers: { ...alice, ...from("198.51.100.1") } })).status).toBe(200);
    expect(world.logged.filter((line) => line.includes("too many failed logins"))).toHaveLength(1);
  });
});

describe("the password file", () => {
  it("is followed: a login that is gone is refused at once, also where its events are being read", async () => {
    const login = basic("bob", "hunter2");
    expect((await web.ask("/", { headers: login })).status).toBe(200);
    const events = await fetch(`${web.url}/events`, { headers: login });
    writeFileSync(users, `${ALICE}\n`);
    world.watched.next();
    await expect(events.text()).rejects.toThrow();
    expect((await web.ask("/", { headers: login })).status).toBe(401);
    expect((await web.ask("/", { headers: alice })).status).toBe(200);
  });

  it("stays as it was when a line cannot be used, and the log says which", async () => {
    writeFileSync(users, `${BOB}\nmallory:in clear\n`);
    world.watched.next();
    await vi.waitFor(() => expect(world.logged.at(-1)).toContain(`${users}:2: `));
    expect(world.logged.join()).not.toContain("in clear");
    expect((await web.ask("/", { headers: alice })).status).toBe(200);
  });

  it("is told of when it has the login that everybody knows", async () => {
    writeFileSync(users, "admin:$apr1$FgKTo/Bt$7UjaIPbFTeFaAPtKaixet0\n");
    world.watched.next();
    await vi.waitFor(() =>
      expect(world.logged.some((line) => line.startsWith("anybody can guess the password of admin"))).toBe(
        true,
      ),
    );
  });
});
