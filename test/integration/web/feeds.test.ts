import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;
const CHECK = new URL("../../support/check_feed.py", import.meta.url).pathname;

/** Debian's package is Debian's Python's, which need not be the first one. */
const python = ["python3", "/usr/bin/python3"].find(
  (one) => spawnSync(one, ["-c", "import feedparser"]).status === 0,
);
if (!python)
  console.warn("NO FEEDPARSER: feeds were not read. Install python3-feedparser to run these tests.");

interface Verdict {
  readonly complaints: readonly string[];
  readonly entries: ReadonlyArray<Record<"id" | "title" | "summary" | "link", string>>;
}

/** What a careless check may print, each of which has broken somebody's feed. */
const CARELESS = [
  { title: "Plain", message: "no room" },
  { title: "<b>Bold</b> & \"quoted\" 'title'", message: "<script>alert(1)</script> &amp; ]]> <![CDATA[" },
  { title: "Löwe 狮子 🦁 שלום", message: "naïve – “quotes” 🤷‍♀️ \u202Eright to left\u202C" },
  {
    title: "Controls",
    message: "bell \u0007 escape \u001b[31m form feed \f nul-ish \u0001 \uFFFE \uFFFF \u0085",
  },
  {
    title: "Many\nlines\tand tabs",
    message: "Traceback (most recent call last):\n  File <stdin>\r\n    1/0\n",
  },
  { title: "%2F?#&=+ slashes/and\\more", message: "x".repeat(5000) },
] as const;

describe.skipIf(!python)("the feeds of a lifeguard that saw much trouble", () => {
  const folder = temporaryFolder();
  let lifeguard: Lifeguard;
  let url: string;

  beforeAll(async () => {
    const subjects = CARELESS.map((one, at) => ({ subject: `trouble/${at}`, ...one }));
    const source = { type: `${FIXTURES}troubled-source.ts` };
    lifeguard = new Lifeguard(
      folder.path,
      JSON.stringify({
        title: 'Trouble & <strife> "quoted"',
        sources: {
          quiet: {
            ...source,
            instance: "quiet",
            changes: 2,
            subjects: [{ subject: "trouble/quiet", title: "Quiet", message: "once" }],
          },
          odd: { ...source, instance: "odd", changes: 3, subjects },
          flood: {
            ...source,
            instance: "flood",
            changes: 1500,
            subjects: [{ subject: "trouble/flood", title: "Flood", message: "again" }],
          },
        },
        sinks: { web: { listen: "127.0.0.1:0" }, database: {} },
      }),
    );
    await lifeguard.ready();
    url = await lifeguard.url();
    await until("all of it in the history", () => {
      const books = lifeguard.status()?.sinks.database;
      return books !== undefined && books.accepted >= 1500 + 3 * CARELESS.length + 2 && books.unread === 0;
    });
  });
  afterAll(async () => {
    await lifeguard[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Reads feeds by their paths, and what the reader and the rules say to each. */
  async function read(...paths: string[]): Promise<Verdict[]> {
    const feeds = await Promise.all(
      paths.map(async (path) => {
        const answer = await fetch(new URL(path, url));
        expect([path, answer.status]).toEqual([path, 200]);
        const type = answer.headers.get("content-type") ?? "";
        const kind = /rss|atom|opml/.exec(type)?.[0];
        return { kind, type, url: answer.url, text: await answer.text() };
      }),
    );
    const { stdout, stderr } = spawnSync(python ?? "", [CHECK], {
      input: JSON.stringify(feeds),
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  it("leave nothing to complain about: RSS and Atom, of all, of an instance, of a service, and their list", async () => {
    const services = CARELESS.flatMap((_, at) => [
      `/public/trouble%2F${at}.rss`,
      `/public/trouble%2F${at}.atom`,
    ]);
    const roots = ["", "/m/odd", "/m/quiet", "/m/flood"].flatMap((root) => [
      `${root}/feed`,
      `${root}/feed.atom`,
    ]);
    const paths = [...roots, ...services, "/public/feeds", "/m/odd/public/feeds"];
    const verdicts = await read(...paths);
    expect(Object.fromEntries(verdicts.map(({ complaints }, at) => [paths[at], complaints]))).toEqual(
      Object.fromEntries(paths.map((path) => [path, []])),
    );
  });

  it("are bounded, and reach back beyond what the board remembers", async () => {
    const [all, flood, quiet, atom] = (await read(
      "/feed",
      "/public/trouble%2Fflood.rss",
      "/public/trouble%2Fquiet.rss",
      "/m/quiet/feed.atom",
    )) as [Verdict, Verdict, Verdict, Verdict];
    expect(all.entries).toHaveLength(200);
    expect(flood.entries).toHaveLength(200);
    expect(quiet.entries.map(({ title }) => title)).toEqual(["[ok] Quiet", "[critical] Quiet"]);
    expect(quiet.entries[0]?.summary).toBe("OK (recovered after 0 s)");
    expect(atom.entries.map(({ id }) => id)).toEqual(quiet.entries.map(({ id }) => id));
  });

  it("say what the checks said, as text and not as HTML", async () => {
    const [bold, controls, lines] = (await read(
      "/public/trouble%2F1.atom",
      "/public/trouble%2F3.rss",
      "/public/trouble%2F4.atom",
    )) as [Verdict, Verdict, Verdict];
    expect(bold.entries[0]).toMatchObject({
      title: `[critical] ${CARELESS[1].title}`,
      summary: `${CARELESS[1].message} (before: ok)`,
      link: new URL("/public/trouble%2F1/index.html", url).href,
    });
    expect(controls.entries[0]?.summary).toMatch(/^bell {3}escape {2}\[31m .* \uFFFD \uFFFD/);
    expect(lines.entries[0]?.title).toBe("[critical] Many lines and tabs");
  });

  it("name the same change by the same id after a restart, and after more has happened", async () => {
    const ids = async () => (await read("/public/trouble%2F0.rss"))[0]?.entries.map(({ id }) => id) ?? [];
    const before = await ids();
    await lifeguard.stop();
    await lifeguard.ready();
    url = await lifeguard.url();
    // It begins from the start, so that there are three more.
    await expect.poll(async () => (await ids()).length).toBe(before.length + 2);
    expect((await ids()).slice(-before.length)).toEqual(before);
  });
});
