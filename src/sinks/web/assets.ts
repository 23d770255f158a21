import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Representation } from "./representation.ts";

/** The files that pages load, and their types. They lie beside this module, in the package too. */
const FILES = {
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

/** An asset's name. */
export type Asset = keyof typeof FILES;

const byName = new Map<Asset, string>();
const byUrl = new Map<string, Representation>();
for (const [name, type] of Object.entries(FILES) as [Asset, string][]) {
  const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const url = `/assets/${hash}/${name}`;
  byName.set(name, url);
  byUrl.set(url, new Representation(type, text));
}

/** Where an asset is served: an address that changes with its content, so that browsers keep it for good. */
export function assetUrl(name: Asset): string {
  return byName.get(name) as string;
}

/** The asset at an address, if there is one. */
export function findAsset(url: string): Representation | undefined {
  return byUrl.get(url);
}
