import { describe, expect, it } from "vitest";
import { state } from "./context.ts";
import { useWeb } from "./harness.ts";

const ODD = [
  "check-_disk.py",
  "with space",
  "100%",
  "a#b?c",
  "naïve-日本",
  "a&b=c",
  "x".repeat(300),
  "status.json",
  "...",
];

describe("a service's id", () => {
  const web = useWeb();
  for (const id of ODD) web.world.add(state(`promise/${id}`, { message: `this is ${id}` }));
  web.world.add(state("vim/edge 1", { source: "vims", message: "this is a vim" }));

  it.each(ODD)("%s leads from HAL to its status and its page, in every spelling", async (id) => {
    const { text } = await web.ask("/monitor.haljson");
    const services = JSON.parse(text)._embedded.service as {
      id: string;
      _links: Record<"status" | "interface", { href: string }>;
    }[];
    const links = services.find((one) => one.id === id)?._links;
    const encoded = encodeURIComponent(id);
    expect(links?.status.href).toBe(`/public/${encoded}.status.json`);
    for (const href of [links?.status.href ?? "", `/${encoded}/status.json`]) {
      const answer = await web.ask(href);
      expect(answer.headers["content-type"]).toBe("application/json");
      expect(JSON.parse(answer.text)).toMatchObject({ status: "OK", message: `this is ${id}`, title: id });
    }
    for (const href of [links?.interface.href ?? "", `/${encoded}/index.html`]) {
      const answer = await web.ask(href);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(`data-whole`);
    }
  });

  it("of another source is its whole subject, encoded", async () => {
    expect(JSON.parse((await web.ask("/public/vim%2Fedge%201.status.json")).text).message).toBe(
      "this is a vim",
    );
    expect(JSON.parse((await web.ask("/vim%2Fedge%201/status.json")).text).message).toBe("this is a vim");
    expect((await web.ask("/public/vim/edge%201.status.json")).status).toBe(404);
  });

  it.each(["/public/nothing.status.json", "/nothing/index.html", "/public/nothing/index.html"])(
    "that is unknown is 404: %s",
    async (path) => {
      expect((await web.ask(path)).status).toBe(404);
    },
  );

  it("without its file leads to the page", async () => {
    for (const path of ["/public/100%25", "/public/100%25/"])
      expect((await web.ask(path)).headers.location).toBe("/public/100%25/index.html");
  });
});

describe("status.json", () => {
  const web = useWeb();

  it("is 404 until the first result", async () => {
    web.world.add(state("promise/new", { event: null, status: "unknown" }));
    expect((await web.ask("/public/new.status.json")).status).toBe(404);
    web.world.observe("promise/new", { status: "critical", message: "no", data: { returncode: 3 } });
    expect(JSON.parse((await web.ask("/public/new.status.json")).text)).toMatchObject({
      status: "BAD",
      message: "no",
      returncode: 3,
    });
  });

  it("is BAD for what went stale, whatever it was", async () => {
    web.world.add(state("promise/old", { status: "unknown", stale: "no result since yesterday" }));
    expect(JSON.parse((await web.ask("/public/old.status.json")).text).status).toBe("BAD");
  });
});

describe("history.json", () => {
  const web = useWeb();
  const history = async () => JSON.parse((await web.ask("/public/p.history.json")).text);

  it("has every change, oldest first, and ends with what holds now", async () => {
    web.world.add(state("promise/p", { description: { title: "P" } }), state("promise/p2"));
    expect((await history()).data).toMatchObject([{ title: "P", name: "p", status: "OK", failed: false }]);
    web.world.observe("promise/p2", { status: "critical", message: "another's" });
    web.world.observe("promise/p", {
      status: "critical",
      message: "no",
      data: { status: "BAD", date: "2026-01-31T09:05:00.000Z", "execution-time": 0.5 },
    });
    web.world.observe("promise/p", { status: "critical", message: "no change", data: null });
    web.world.observe("promise/p", { status: "ok", message: "again", data: null });
    const { date, data } = await history();
    expect(date).toBe(Date.parse(data[0]["change-date"]) / 1000);
    expect(data).toMatchObject([
      { status: "BAD", failed: true, message: "no", date: "2026-01-31T09:05:00.000Z", "execution-time": 0.5 },
      { status: "OK", failed: false, message: "again" },
    ]);
  });

  it("ends with BAD for what went stale, and is 404 where there is no such service", async () => {
    web.world.add(
      state("promise/old", {
        status: "unknown",
        stale: "no result since yesterday",
        seen: "2026-01-30T09:05:00Z",
      }),
    );
    const { data } = JSON.parse((await web.ask("/public/old.history.json")).text);
    expect(data.at(-1)).toMatchObject({
      status: "BAD",
      message: "no result since yesterday",
      "change-date": "2026-01-30T09:05:00Z",
    });
    expect((await web.ask("/public/none.history.json")).status).toBe(404);
  });
});

describe("several instances", () => {
  const web = useWeb();
  web.world.describe("a", {
    title: "Instance A",
    links: [{ rel: "related_monitor", href: "https://[...]/" }],
  });
  web.world.add(
    state("promise/a/kvm", { instance: "a", message: "kvm of a", description: { commands: ["run"] } }),
    state("promise/b b/kvm", { instance: "b b", message: "kvm of b", description: { commands: ["run"] } }),
    state("promise/b b/only", { instance: "b b", message: "only here" }),
  );

  it("have a global state each, and the whole has its own", async () => {
    const global = async (root: string) =>
      JSON.parse((await web.ask(`${root}/public/monitor.global.json`)).text);
    const { date, ...a } = await global("/m/a");
    expect(Date.now() - Date.parse(date)).toBeLessThan(60_000);
    expect(a).toEqual({
      status: "OK",
      title: "Instance A",
      specialise_title: "lifeguard",
      _links: { monitor: { href: "/m/a/monitor.haljson" }, related_monitor: [{ href: "https://[...]/" }] },
    });
    web.world.observe("promise/b b/only", { status: "warning" });
    expect((await global("/m/a")).status).toBe("OK");
    expect((await global("/m/b%20b")).status).toBe("ERROR");
    expect(await global("")).toMatchObject({ status: "ERROR", title: "lifeguard" });
    expect((await web.ask("/m/none/public/monitor.global.json")).status).toBe(404);
    web.world.observe("promise/b b/only", { status: "ok" });
  });

  it("have a root each", async () => {
    expect(JSON.parse((await web.ask("/m/a/public/kvm.status.json")).text).message).toBe("kvm of a");
    expect(JSON.parse((await web.ask("/m/b%20b/public/kvm.status.json")).text).message).toBe("kvm of b");
    expect(JSON.parse((await web.ask("/m/b%20b/kvm/status.json")).text).message).toBe("kvm of b");
    expect((await web.ask("/m/a/public/only.status.json")).status).toBe(404);
    expect((await web.ask("/m/nothing/")).status).toBe(404);
    expect((await web.ask("/m/b%20b")).headers.location).toBe("/m/b%20b/");
    const { text } = await web.ask("/m/a/", { headers: { accept: "text/plain" } });
    expect(text).toContain("promise/a/kvm");
    expect(text).not.toContain("b b");
  });

  it("are the related monitors of the whole, which embeds all their services", async () => {
    const whole = JSON.parse((await web.ask("/monitor.haljson")).text);
    expect(whole.title).toBe("lifeguard");
    expect(whole._links.related_monitor).toEqual([
      { href: "/m/a/" },
      { href: "/m/b%20b/" },
      { href: "https://[...]/" },
    ]);
    const links = whole._embedded.service.map(
      (one: { _links: { status: { href: string } } }) => one._links.status.href,
    );
    expect(links).toEqual([
      "/m/a/public/kvm.status.json",
      "/m/b%20b/public/kvm.status.json",
      "/public/only.status.json",
    ]);
    for (const href of links) expect((await web.ask(href)).status).toBe(200);
    const one = JSON.parse((await web.ask("/m/a/monitor.haljson")).text);
    expect(one).toMatchObject({
      title: "Instance A",
      _links: { related_monitor: [{ href: "https://[...]/" }] },
    });
    expect(one._embedded.service[0]._links.status.href).toBe("/m/a/public/kvm.status.json");
  });

  it.each([
    "/public/kvm.history.json",
    "/public/kvm.status.json",
    "/kvm/status.json",
    "/public/kvm/index.html",
    "/public/kvm/log",
  ])("offer a choice where they share an id: %s", async (path) => {
    const program = await web.ask(path);
    expect(program.status).toBe(300);
    const hrefs = JSON.parse(program.text).choices.map(({ href }: { href: string }) => href);
    expect(hrefs).toHaveLength(2);
    expect(hrefs[0]).toMatch(/^\/m\/a\/public\/kvm/);
    const person = await web.ask(path, { headers: { accept: "text/html" } });
    expect(person.status).toBe(300);
    for (const href of hrefs) expect(person.text).toContain(`href="${href}"`);
  });

  it("offer the choice before they run anything", async () => {
    const path = "/cgi-bin/monitor-run-promise.cgi?service=kvm";
    expect((await web.ask(path, { method: "POST" })).status).toBe(300);
    expect(web.world.commands).toEqual([]);
    expect((await web.ask(`/m/a${path}`, { method: "POST" })).status).toBe(204);
    expect(web.world.commands).toMatchObject([{ subject: "promise/a/kvm", name: "run", source: "promises" }]);
  });

  it("tell apart what two sources or origins call the same", async () => {
    web.world.add(state("promise/a/kvm", { instance: "a", origin: "there", message: "from there" }));
    const { text, status } = await web.ask("/m/a/public/kvm.status.json");
    expect(status).toBe(300);
    const hrefs = JSON.parse(text).choices.map(({ href }: { href: string }) => href) as string[];
    const messages = await Promise.all(
      hrefs.map(async (href) => JSON.parse((await web.ask(href)).text).message),
    );
    expect(messages).toEqual(["kvm of a", "from there"]);
  });
});

describe("one instance", () => {
  const web = useWeb();

  it("gives the whole its title and its related monitors, as they were written", async () => {
    web.world.describe("promises", {
      title: "KVM Monitoring interface",
      links: [
        { rel: "related_monitor", href: "https://[...]/" },
        { rel: "runbook", href: "https://example.org/" },
        { rel: "related_monitor", href: "http://my.other.monitor" },
      ],
    });
    web.world.add(state("promise/kvm", { description: { title: "Kvm log parse" } }));
    const { headers, text } = await web.ask("/monitor.haljson");
    expect(headers["content-type"]).toBe("application/hal+json");
    expect(JSON.parse(text)).toMatchObject({
      title: "KVM Monitoring interface",
      _links: { related_monitor: [{ href: "https://[...]/" }, { href: "http://my.other.monitor" }] },
      _embedded: { service: [{ id: "kvm", title: "Kvm log parse" }] },
    });
  });
});

describe("a title in monitors.yaml", () => {
  const web = useWeb();
  web.world.title = "My platform";
  web.world.describe("promises", { title: "KVM" });

  it("wins for the whole", async () => {
    expect(JSON.parse((await web.ask("/monitor.haljson")).text).title).toBe("My platform");
    expect((await web.ask("/")).text).toContain("<title>My platform</title>");
    expect(JSON.parse((await web.ask("/m/promises/monitor.haljson")).text).title).toBe("KVM");
  });
});
