import { describe, expect, it } from "vitest";
import { parseHalDocument } from "../../../../../src/sinks/web/related/hal-document.ts";

const BASE = new URL("https://host:8443/static/monitor.haljson");
const read = (document: unknown, base = BASE) => parseHalDocument(JSON.stringify(document), base);
const one = (service: unknown) => read({ _embedded: { service: [service] } }).entries[0];

describe("the document of a SlapOS monitor", () => {
  it("is read as the seed's example has it", () => {
    const { title, lifeguard, entries } = read({
      _links: { related_monitor: [{ href: "<url>/static" }] },
      _embedded: {
        service: [
          {
            _links: {
              status: { href: "/public/kvm-log-parse.status.json" },
              interface: { href: "../kvm-log-parse/index.html" },
            },
            title: "KVM log parse",
            id: "kvm-log-parse",
          },
        ],
      },
      title: "KVM Monitoring interface",
    });
    expect([title, lifeguard]).toEqual(["KVM Monitoring interface", false]);
    expect(entries).toEqual([
      {
        id: "kvm-log-parse",
        title: "KVM log parse",
        told: undefined,
        statusFile: new URL("https://host:8443/public/kvm-log-parse.status.json"),
        page: "https://host:8443/kvm-log-parse/index.html",
      },
    ]);
  });

  it("may have one link or a list of them, one service or a list", () => {
    const links = { status: [{ name: "no href" }, { href: "a.json" }, { href: "b.json" }], interface: [] };
    const { entries } = read({ _embedded: { service: { id: "a", _links: links } } });
    expect(entries).toMatchObject([{ id: "a", title: "a", page: undefined }]);
    expect(entries[0]?.statusFile?.href).toBe("https://host:8443/static/a.json");
  });

  it("may lack nearly everything", () => {
    expect(read({ title: "Nothing here" }).entries).toEqual([]);
    expect(one({})).toEqual({
      id: "Untitled",
      title: "Untitled",
      told: undefined,
      statusFile: undefined,
      page: undefined,
    });
    expect(read({ title: 7, _embedded: { service: [null, "x", { id: "a" }] } })).toMatchObject({
      title: undefined,
      entries: [{ id: "a" }],
    });
  });

  it("leads nowhere but to http and https, and with no login", () => {
    const links = { status: { href: "file:///etc/passwd" }, interface: { href: "javascript:alert(1)" } };
    expect(one({ id: "a", _links: links })).toMatchObject({ statusFile: undefined, page: undefined });
    expect(one({ id: "a", _links: { interface: { href: "https://u:p@other/x" } } })?.page).toBe(
      "https://other/x",
    );
  });

  it.each(["<html>", "", "[]", "null", '"text"', '{"some":"json"}'])("is not %j", (text) => {
    expect(() => parseHalDocument(text, BASE)).toThrow(/monitor\.haljson is not/);
  });

  it("may begin with a byte order mark", () => {
    expect(parseHalDocument('\uFEFF{"title":"a"}', BASE).title).toBe("a");
  });
});

describe("the document of a lifeguard", () => {
  it("tells verdicts, and since when", () => {
    const service = {
      id: "vim/a",
      status: "BAD",
      verdict: "unknown",
      message: "no news",
      since: "2026-01-01T00:00:00Z",
    };
    expect(one(service)?.told).toEqual({
      status: "unknown",
      message: "no news",
      since: "2026-01-01T00:00:00.000Z",
    });
    expect(read({ _embedded: { service } }).lifeguard).toBe(true);
  });

  it("is judged by SlapOS's word where there is no verdict that we know", () => {
    expect(one({ id: "a", status: "OK", verdict: "splendid" })?.told).toEqual({
      status: "ok",
      message: "OK",
      since: null,
    });
    expect(one({ id: "a", status: "BAD", since: "never" })?.told).toEqual({
      status: "critical",
      message: "BAD",
      since: null,
    });
  });
});
