import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGES = globSync(["*.md", "docs/*.md", "examples/**/*.md"], { cwd: ROOT });
/** What npm packs whatever `files` says. */
const ALWAYS = ["README.md", "LICENSE", "package.json"];

const read = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** Targets of links within the project, with the page that has them. */
const LINKS = PAGES.flatMap((page) =>
  [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => {
    const [path = "", anchor] = link.split("#");
    return {
      link,
      page,
      target: path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path)),
      anchor,
    };
  }),
);

test.each(LINKS)("$link of $page leads somewhere", ({ target, anchor }) => {
  expect(existsSync(join(ROOT, target))).toBe(true);
  if (anchor !== undefined) expect(headingsOf(target)).toContain(anchor);
});

test("whatever pages of the package link to is in the package", () => {
  const { files } = JSON.parse(read("package.json")) as { files: string[] };
  const isPacked = (path: string) =>
    ALWAYS.includes(path) || files.some((glob) => matchesGlob(path, glob) || path.startsWith(`${glob}/`));
  const missing = LINKS.filter(({ page, target }) => isPacked(page) && !isPacked(target));
  expect(missing).toEqual([]);
});

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
