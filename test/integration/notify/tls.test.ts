import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/system-clock.ts";
import { slack } from "../../../src/sinks/notify/presets/slack.ts";
import { webhookTarget } from "../../../src/sinks/notify/targets/webhook.ts";
import { selfSigned } from "../../servers/self-signed.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { change, tellingOf } from "../../unit/sinks/notify/told.ts";

const missing = spawnSync("openssl", ["version"]).status !== 0;
if (missing) console.warn("SKIPPED: no openssl here (Debian: apt-get install openssl)");

test.skipIf(missing)(
  "a webhook's certificate is verified, against authorities of one's own where `ca` names them",
  async () => {
    using folder = temporaryFolder();
    const [certificate, key] = [join(folder.path, "certificate.pem"), join(folder.path, "key.pem")];
    selfSigned(certificate, key);
    let requests = 0;
    const server = createServer(
      { cert: readFileSync(certificate), key: readFileSync(key) },
      (_, response) => {
        requests++;
        response.end("ok");
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const tell = (ca: string | undefined) =>
      webhookTarget(
        {
          url: new URL(`https://localhost:${(server.address() as AddressInfo).port}/`),
          method: "POST",
          headers: {},
          ca,
          timeout: 10_000,
          preset: slack,
        },
        systemClock,
      ).tell(tellingOf([change()]), null, new AbortController().signal);
    expect(await tell(undefined)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("self-signed"),
    });
    expect(requests).toBe(0);
    expect(await tell(certificate)).toEqual({ kind: "told" });
    expect(requests).toBe(1);
    server.close();
  },
);
