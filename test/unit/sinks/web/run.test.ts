import { beforeEach, describe, expect, it } from "vitest";
import { LifeguardError } from "../../../../src/plugin/index.ts";
import { commandError, state } from "./context.ts";
import { useWeb } from "./harness.ts";

const web = useWeb();
const { world } = web;
world.add(
  state("promise/kvm log", { description: { commands: ["run"] } }),
  state("vim/edge-1", { source: "vims", instance: "vims" }),
);
const CGI = "/cgi-bin/monitor-run-promise.cgi";
const post = (path: string, body?: string) =>
  web.ask(path, {
    method: "POST",
    ...(body !== undefined && { body, headers: { "content-type": "application/x-www-form-urlencoded" } }),
  });

beforeEach(() => {
  world.commands.length = 0;
  world.onCommand = () => {};
});

describe(`POST ${CGI}`, () => {
  it("runs the service, and says no more than that", async () => {
    expect(await post(`${CGI}?service=kvm%20log`)).toMatchObject({ status: 204, text: "" });
    expect(await post(CGI, "service=kvm+log")).toMatchObject({ status: 204, text: "" });
    expect(await post(`/m/promises${CGI}?service=kvm+log`)).toMatchObject({ status: 204 });
    const run = { subject: "promise/kvm log", name: "run", source: "promises", by: { kind: "local" } };
    expect(world.commands).toEqual([run, run, run]);
  });

  it("takes the whole subject of another source", async () => {
    expect((await post(`${CGI}?service=vim%2Fedge-1`)).status).toBe(204);
    expect(world.commands).toMatchObject([{ subject: "vim/edge-1", source: "vims" }]);
  });

  it("is 204 without a second run while one is under way", async () => {
    world.onCommand = () => {
      throw commandError("COMMAND_BUSY");
    };
    expect((await post(`${CGI}?service=kvm%20log`)).status).toBe(204);
  });

  it.each([
    [`${CGI}`, 400],
    [`${CGI}?service=`, 400],
    [`${CGI}?service=nope`, 404],
    [`${CGI}?service=../kvm%20log`, 404],
    [`${CGI}?service=promise/kvm%20log`, 404],
    [`/m/vims${CGI}?service=kvm%20log`, 404],
    [`/m/nothing${CGI}?service=kvm%20log`, 404],
    ["/cgi-bin/other.cgi?service=kvm%20log", 404],
  ])("refuses %s with %i", async (path, status) => {
    expect((await post(path)).status).toBe(status);
    expect(world.commands).toEqual([]);
  });

  it("is 404 for a service that no one can run", async () => {
    world.onCommand = () => {
      throw commandError("COMMAND_UNKNOWN");
    };
    expect((await post(`${CGI}?service=kvm%20log`)).status).toBe(404);
  });

  it("tells what else went wrong, and logs it", async () => {
    world.onCommand = () => {
      throw new LifeguardError("COMMAND_FAILED", "the source is restarting");
    };
    const answer = await post(`${CGI}?service=kvm%20log`);
    expect(answer).toMatchObject({ status: 500, text: "the source is restarting\n" });
    expect(world.logged).toContain("a request failed");
  });

  it("is run by POST only", async () => {
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"]) {
      const answer = await web.ask(`${CGI}?service=kvm%20log`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("POST");
    }
    expect(world.commands).toEqual([]);
  });
});

describe("run now on the page", () => {
  it("is a form, for services that offer it", async () => {
    const { text } = await web.ask("/");
    expect(text.match(/<form class="run"/g)).toHaveLength(1);
    expect(text).toContain('<form class="run" method="post" action="/run">');
    expect(text).toContain('name="service" value="kvm log"');
  });

  it("leads back to where it was pressed, with the result", async () => {
    world.onCommand = (subject) =>
      void setImmediate(() => world.observe(subject, { message: "ran by hand" }));
    expect(await post("/run", "service=kvm+log&back=overview")).toMatchObject({
      status: 303,
      headers: { location: "/" },
    });
    expect((await web.ask("/")).text).toContain("ran by hand");
    expect((await post("/run", "service=kvm+log&back=service")).headers.location).toBe(
      "/public/kvm%20log/index.html",
    );
    expect((await post("/m/promises/run", "service=kvm+log")).headers.location).toBe("/m/promises/");
    expect((await post("/run", "service=kvm+log&back=http://evil.example/")).headers.location).toBe("/");
    expect((await post("/run", "service=nope")).status).toBe(404);
  });
});
