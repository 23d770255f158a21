import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { Lifeguard } from "../../test/support/lifeguard.ts";
import { until } from "../../test/support/until.ts";
import { median, report } from "../support/report.ts";

/*
 * What a login costs a request: the document of all services with a bcrypt login, beside the public one without, from the same process
 * over one connection each, turn by turn. And how often a login that was never seen can be checked.
 */

const REQUESTS = 1000;
const ROUNDS = 5;
const CHECKS = 8;
const COST = 10;

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
const users = Array.from({ length: CHECKS + 1 }, (_, at) => `user${at}`);
writeFileSync(join(folder, "users"), users.map((name) => `${name}:${hashSync("password", COST)}\n`).join(""));
const basic = (name: string) => `Basic ${Buffer.from(`${name}:password`).toString("base64")}`;

try {
  const promises = new URL("../../examples/promises", import.meta.url).pathname;
  const yaml = `sources:\n  promises: { directory: ${promises}, frequency: "0 0 1 1 *", jitter: 0s }\nsinks:\n  web: { listen: 127.0.0.1:0, htpasswd: ./users }\n`;
  await using lifeguard = new Lifeguard(folder, yaml);
  await lifeguard.ready();
  const url = await lifeguard.url();
  await until(
    "results",
    async () => (await fetch(`${url}public/`, { headers: { accept: "text/plain" } })).ok,
  );
  await rate(`${url}monitor.haljson`, 1, basic("user0"));
  const [own, base]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await rate(`${url}monitor.haljson`, REQUESTS, basic("user0")));
    base.push(await rate(`${url}public/monitor.haljson`, REQUESTS));
  }
  const ratio = median(own) / median(base);
  report({
    name: "web.login.known_of_none",
    value: ratio,
    unit: "of the requests without",
    baseline: 1,
    atLeast: 0.8,
  });
  const begun = performance.now();
  for (const name of users.slice(1)) await rate(`${url}monitor.haljson`, 1, basic(name));
  const each = (performance.now() - begun) / CHECKS;
  report({ name: "web.login.first", value: each, unit: "ms", baseline: 1000 / median(own) });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Requests a second, one after the other. */
async function rate(url: string, count: number, authorization?: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = authorization === undefined ? {} : { authorization };
  const begun = performance.now();
  for (let at = 0; at < count; at++)
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode} from ${url}`));
        response.resume().on("end", resolve);
      }).on("error", reject);
    });
  agent.destroy();
  return count / ((performance.now() - begun) / 1000);
}
