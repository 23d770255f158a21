import { challenge, problem } from "../problem.ts";
import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

/** Where browsers forget a login: they do when it is refused. Without logins there is nothing to forget. */
export function logoutRoutes(app: WebApp): void {
  for (const [method, path] of [
    ["GET", "/logout"],
    ["POST", "/logout"],
    ["POST", "/cgi-bin/monitor-logout.cgi"],
  ] as const)
    onServer(app, method, path, "anyone", (request, reply) =>
      app.doorkeeper.stranger.kind === "anonymous"
        ? challenge(request, reply, "you have logged out")
        : problem(request, reply, 404, "there is nothing here"),
    );
}
