import { assetUrl, findAsset } from "../assets.ts";
import { sendOwnFile } from "../files/send-own-file.ts";
import { problem } from "../problem.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** The seed's style and script: an operator's own, or else ours under these names. */
export function ownAssetsRoutes(app: WebApp): void {
  for (const [name, ours] of [
    ["monitor.css", "page.css"],
    ["monitor.js", "page.js"],
  ] as const)
    onBothRoots(app, "GET", `/${name}`, "read", async (scope, request, reply) => {
      const own = await sendOwnFile(scope, name, request, reply);
      if (own) return own;
      const asset = findAsset(assetUrl(ours));
      return asset ? asset.send(request, reply) : problem(request, reply, 404, "there is nothing here");
    });
}
