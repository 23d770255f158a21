import { describe, expect, it } from "vitest";
import { relatedConfig } from "../../../../../src/sinks/web/related/config.ts";

const problems = (...entries: unknown[]) =>
  JSON.stringify(relatedConfig.safeParse(entries).error?.issues ?? []);

describe("the option related", () => {
  it("takes URLs, alone or with title, login and ca", () => {
    const entry = { url: "https://b/", title: "B", username: "me", password: "secret", ca: "/ca.pem" };
    expect(relatedConfig.parse(["https://a", entry])).toEqual([{ url: "https://a" }, entry]);
    expect(relatedConfig.parse(undefined)).toEqual([]);
  });

  it.each([
    ["https://[...]/", /this is not a URL that can be asked/],
    ["ftp://host/", /only http and https can be asked, not ftp/],
    ["https://me:secret@host/", /a login does not belong into the URL: write `username`/],
    [{ url: "https://a", username: "me" }, /username and password belong together/],
    [{ url: "https://a", password: "secret" }, /username and password belong together/],
  ])("refuses %j, and says why", (entry, why) => {
    expect(problems(entry)).toMatch(why);
    expect(problems(entry)).not.toMatch(/secret/);
  });

  it("takes a hundred at most", () => {
    expect(problems(...Array.from({ length: 101 }, () => "https://a"))).toContain("at most 100");
  });
});
