import { describe, expect, it } from "vitest";
import { acceptsEncoding, negotiate } from "../../../../src/sinks/web/negotiate.ts";
import { state } from "./context.ts";
import { useWeb } from "./harness.ts";

const web = useWeb();
web.world.add(
  state("promise/b", {
    status: "critical",
    message: "tabs\tand\nlines\u001b[31m",
    since: "2026-01-02T00:00:00.000Z",
  }),
  state("promise/a"),
  state("promise/c", { status: "warning" }),
);

describe("GET /", () => {
  it.each([
    [undefined, "text/html"],
    ["*/*", "text/html"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    ["application/hal+json", "application/hal+json"],
    ["application/json", "application/json"],
    ["application/hal+json;q=0.9, text/html;q=0.1", "application/hal+json"],
    ["application/rss+xml", "application/rss+xml"],
    ["application/rss+xml, text/html;q=0.9", "application/rss+xml"],
    ["text/plain", "text/plain"],
    ["text/*;q=0.5, text/plain", "text/plain"],
    ["text/html;q=0, */*;q=0.1", "application/hal+json"],
    ["TEXT/PLAIN", "text/plain"],
  ])("answers Accept: %s with %s", async (accept, type) => {
    const answer = await web.ask("/", accept === undefined ? {} : { headers: { accept } });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]?.split(";")[0]).toBe(type);
    expect(answer.headers.vary).toBe("Accept, Accept-Encoding");
  });

  it("answers 406 to who accepts nothing that there is", async () => {
    expect((await web.ask("/", { headers: { accept: "image/png" } })).status).toBe(406);
  });

  it("writes one line a subject, failing first", async () => {
    const { text } = await web.ask("/", { headers: { accept: "text/plain" } });
    expect(text).toBe(
      [
        "critical\tpromise/b\t2026-01-02T00:00:00.000Z\ttabs and lines [31m",
        "warning\tpromise/c\t2026-01-01T00:00:00.000Z\tall is well",
        "ok\tpromise/a\t2026-01-01T00:00:00.000Z\tall is well",
        "",
      ].join("\n"),
    );
  });

  it("answers HEAD like GET, without a body", async () => {
    const answer = await web.ask("/", { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(1000);
  });
});

describe("entity tags", () => {
  it.each(["/", "/monitor.haljson", "/feed", "/public/a.status.json"])(
    "of %s spare who has it the body, until it changes",
    async (path) => {
      const headers = { accept: "text/plain, */*;q=0.1" };
      const { etag = "" } = (await web.ask(path, { headers })).headers;
      expect(etag).not.toBe("");
      const again = (tag: string) => web.ask(path, { headers: { ...headers, "if-none-match": tag } });
      expect(await again(`"other", ${etag}`)).toMatchObject({ status: 304, text: "" });
      expect((await again('"other"')).status).toBe(200);
      web.world.observe("promise/a", { status: "warning", message: path });
      web.world.observe("promise/a", { status: "ok", message: path });
      expect((await again(etag)).status).toBe(200);
    },
  );
});

describe("negotiate", () => {
  it("lets the most specific range decide, and the offer between equals", () => {
    const offered = ["a/x", "b/y"] as const;
    expect(negotiate("b/y, a/x", offered)).toBe("a/x");
    expect(negotiate("a/x;q=0.1, b/*;q=0.2", offered)).toBe("b/y");
    expect(negotiate("*/*, a/x;q=0", offered)).toBe("b/y");
    expect(negotiate("nonsense;;,,/", offered)).toBeUndefined();
    expect(negotiate("a/x;q=nonsense, b/y;q=0.01", offered)).toBe("b/y");
  });

  it("compresses only for who asked", () => {
    expect(acceptsEncoding("gzip, deflate, br", "gzip")).toBe(true);
    expect(acceptsEncoding("gzip;q=0", "gzip")).toBe(false);
    expect(acceptsEncoding("*", "gzip")).toBe(true);
    expect(acceptsEncoding("*;q=0.5, gzip;q=0", "gzip")).toBe(false);
    expect(acceptsEncoding("br", "gzip")).toBe(false);
    expect(acceptsEncoding(undefined, "gzip")).toBe(false);
  });
});
