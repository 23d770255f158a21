import { findAsset } from "../assets.ts";
import { problem } from "../problem.ts";
import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

/** The page's own style, script and icon. Their addresses change with their content, so they are kept for a year. */
export function assetsRoute(app: WebApp): void {
  onServer(app, "GET", "/assets/*", "anyone", async (request, reply) => {
    const asset = findAsset(request.raw.url ?? "");
    if (!asset) return problem(request, reply, 404, "there is nothing here");
    return asset.send(request, reply.header("cache-control", "public, max-age=31536000, immutable"));
  });
}
