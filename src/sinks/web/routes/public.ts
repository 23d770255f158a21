import { sendResource } from "../files/send-resource.ts";
import { pathSegments } from "../path.ts";
import { problem } from "../problem.ts";
import { onBothRoots } from "./both-roots.ts";
import { serviceFeed } from "./feed.ts";
import { globalJson } from "./global.ts";
import { instanceFile } from "./instance-file.ts";
import { historyJson, oneService, type ServiceRequest, serviceInterface, statusJson } from "./service.ts";
import type { WebApp } from "./web-app.ts";

/** Documents of a service, by how their names end. */
const DOCUMENTS = {
  ".status.json": statusJson,
  ".history.json": historyJson,
  ".rss": (asked: ServiceRequest) => serviceFeed(asked, "rss"),
  ".atom": (asked: ServiceRequest) => serviceFeed(asked, "atom"),
} as const;

/** The document of a root. */
const GLOBAL = "monitor.global.json";

/** Everything below `/public/`: status files, services' pages and files, files of instances. */
export function publicRoute(app: WebApp): void {
  onBothRoots(app, "GET", "/public/*", "look", async (scope, request, reply) => {
    const segments = pathSegments(request)?.slice(1);
    if (segments === undefined) return problem(request, reply, 400, "the address is badly encoded");
    const [id = "", ...rest] = segments;
    if (rest.length === 0) {
      for (const [suffix, answer] of Object.entries(DOCUMENTS)) {
        const service = id.endsWith(suffix) ? id.slice(0, -suffix.length) : "";
        if (scope.find(service).length > 0) return answer({ app, scope, id: service, request, reply });
      }
      if (id === GLOBAL) return globalJson(app, scope, request, reply);
    }
    if (scope.find(id).length === 0) return instanceFile({ scope, tree: "public", segments, request, reply });

    const [file] = rest;
    if (file === undefined || (file === "" && rest.length === 1))
      return oneService(
        { app, scope, id, request, reply },
        (urls) => urls.interface,
        () => reply.redirect(`${scope.base}/public/${encodeURIComponent(id)}/index.html`, 307),
      );
    if (file === "index.html" && rest.length === 1)
      return serviceInterface({ app, scope, id, request, reply });
    return oneService(
      { app, scope, id, request, reply },
      (urls) => urls.file(rest.join("/"), "public"),
      (state) => sendResource(request, reply, state.description.resources, "public", rest),
    );
  });
}
