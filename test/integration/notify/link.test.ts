import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebhookReceiver } from "../../servers/webhook.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

test("the links in messages lead to the pages that the sink web serves", async () => {
  using folder = temporaryFolder();
  await using receiver = await WebhookReceiver.start();
  const script = join(folder.path, "script");
  writeFileSync(script, "promise/disk critical\nsvc/a/b critical\n");
  const monitors = `
sources:
  script: { type: ${FIXTURES}script-source.ts, file: ${script} }
sinks:
  alarms: { type: notify, webhook: { url: "${receiver.url}" }, group_wait: 100ms }
  web: { listen: "127.0.0.1:0", base_url: "https://status.example.org/lg/" }
`;
  await using lifeguard = new Lifeguard(folder.path, monitors);
  await lifeguard.ready();
  const page = (await lifeguard.url()).replace(/\/$/, "");
  await until("both to be told", () => receiver.received.flatMap(({ body }) => body.items).length === 2);
  const paths = receiver.received
    .flatMap(({ body }) => body.items)
    .map(({ url }) => url?.replace("https://status.example.org", ""))
    .toSorted();
  expect(paths).toEqual(["/lg/public/disk/index.html", "/lg/public/svc%2Fa%2Fb/index.html"]);
  for (const path of paths) {
    const response = await fetch(page + path);
    expect(response.status, path).toBe(200);
    expect(await response.text()).toContain("critical");
  }
});
