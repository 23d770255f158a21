import type { Resource } from "../../../plugin/index.ts";
import { serviceId } from "../../../plugin/index.ts";
import { isIn } from "../files/resource-file.ts";
import { type ListedEntry, sendListing } from "../files/send-listing.ts";
import { sendResource } from "../files/send-resource.ts";
import { searchOf } from "../find-service.ts";
import { pathSegments } from "../path.ts";
import { problem } from "../problem.ts";
import type { Scope } from "../site.ts";
import { onBothRoots } from "./both-roots.ts";
import { instanceFile } from "./instance-file.ts";
import { oneService } from "./service.ts";
import type { WebApp } from "./web-app.ts";

/** Everything below `/private/`: files of services and of instances, for those who have logged in. */
export function privateRoute(app: WebApp): void {
  onBothRoots(app, "GET", "/private", "open", ({ base }, _request, reply) =>
    reply.redirect(`${base}/private/`, 308),
  );
  onBothRoots(app, "GET", "/private/*", "open", async (scope, request, reply) => {
    const segments = pathSegments(request);
    if (segments === undefined) return problem(request, reply, 400, "the address is badly encoded");
    const [id = "", ...rest] = segments.slice(1);
    if (id === "" && rest.length === 0)
      return sendListing(request, reply, segments, { entries: tops(scope), more: false });
    if (scope.find(id).length === 0)
      return instanceFile({ scope, tree: "private", segments: [id, ...rest], request, reply });
    if (rest.length === 0)
      return reply.redirect(`${scope.base}/private/${encodeURIComponent(id)}/${searchOf(request)}`, 308);
    return oneService(
      { app, scope, id, request, reply },
      (urls) => urls.file(rest.join("/"), "private"),
      ({ description: { resources } }) =>
        rest.length === 1 && rest[0] === ""
          ? sendListing(request, reply, segments, { entries: named(resources), more: false })
          : sendResource(request, reply, resources, "private", rest),
    );
  });
}

/** What a root's private tree begins with: files of its instances, and a folder for each service that has some. */
function tops({ states, descriptions }: Scope): readonly ListedEntry[] {
  const services = states
    .filter(({ description }) => named(description.resources).length > 0)
    .map(({ subject }) => serviceId(subject));
  return [
    ...[...new Set(services)].sort().map((name) => ({ name, folder: true })),
    ...named([...descriptions.values()].flatMap(({ resources }) => resources ?? [])),
  ];
}

function named(resources: readonly Resource[] | undefined): readonly ListedEntry[] {
  const names = resources?.filter((resource) => isIn("private", resource)).map(({ name }) => name) ?? [];
  return [...new Set(names)].sort().map((name) => ({ name, folder: false }));
}
