import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Representation } from "./representation.ts";

const SCRIPT = "text/javascript; charset=utf-8";

/** The files that pages load, and their types. They lie beside this module, in the package too. */
const FILES = {
  "page.css": "text/css; charset=utf-8",
  "page.js": SCRIPT,
  "changes.js": SCRIPT,
  "days.js": SCRIPT,
  "keys.js": SCRIPT,
  "lay.js": SCRIPT,
  "live.js": SCRIPT,
  "run.js": SCRIPT,
  "search.js": SCRIPT,
  "time.js": SCRIPT,
  "icon.svg": "image/svg+xml",
} as const;

/** An asset's name. */
export type Asset = keyof typeof FILES;

const texts = (Object.keys(FILES) as Asset[]).map(
  (name) => [name, readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8")] as const,
);
// One for all of them, as the scripts name each other by their place.
const hash = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 12);
const byUrl = new Map(texts.map(([name, text]) => [assetUrl(name), new Representation(FILES[name], text)]));

/** Where an asset is served: an address that changes with the content of any, so that browsers keep it for good. */
export function assetUrl(name: Asset): string {
  return `/assets/${hash}/${name}`;
}

/** The asset at an address, if there is one. */
export function findAsset(url: string): Representation | undefined {
  return byUrl.get(url);
}
