import { BlockList } from "node:net";
import { duration, path, z } from "../../plugin/index.ts";
import { isOriginPattern } from "./guards/cors.ts";
import { parseBaseUrl } from "./net/base-url.ts";
import { isLoopback, parseListen } from "./net/listen.ts";
import { addNetwork } from "./net/proxies.ts";
import { relatedConfig } from "./related/config.ts";

const listen = z
  .string({ error: 'expected an address and a port, such as "127.0.0.1:8080"' })
  .transform((text, ctx) => {
    const parsed = parseListen(text);
    if (typeof parsed !== "string") return parsed;
    ctx.addIssue(parsed);
    return z.NEVER;
  });

const baseUrl = z.string({ error: "expected an absolute URL" }).transform((text, ctx) => {
  const parsed = parseBaseUrl(text);
  if (typeof parsed !== "string") return parsed;
  ctx.addIssue(parsed);
  return z.NEVER;
});

const network = z.string({ error: "expected an address or a network" }).superRefine((text, ctx) => {
  const wrong = addNetwork(new BlockList(), text);
  if (wrong !== undefined) ctx.addIssue(wrong);
});

const pages = z
  .string({ error: "expected an origin" })
  .transform((text) => text.toLowerCase())
  .refine(
    isOriginPattern,
    'expected an origin without a path, such as "https://portal.example.org", or "https://*.example.org"',
  );

/** The options of the web sink. */
export const webConfig = z
  .object({
    listen: z
      .union([listen.transform((one) => [one]), z.array(listen).min(1).max(16)])
      .prefault("127.0.0.1:8080")
      .describe(
        "Address and port to listen on, or several: 127.0.0.1, localhost, [::1], an address of this machine, 0.0.0.0 or [::] (which takes " +
          "IPv4 too). Port 0 takes a free one. An address that others can reach needs a login (htpasswd), TLS (tls), or insecure: true",
      )
      .meta({ examples: ["127.0.0.1:8080", ["127.0.0.1:8080", "[::]:8443"]] }),
    htpasswd: path({ exists: true })
      .optional()
      .describe(
        "File with the logins, as htpasswd writes it (bcrypt, apr1 or SHA-1); changes are taken over. Everything needs one of them then, but " +
          "for what is public. Without it nobody is asked, and private files are not served",
      )
      .meta({ examples: ["./users.htpasswd"] }),
    tls: z
      .object({
        cert: path({ exists: true }).describe("Certificate in PEM, with those that vouch for it"),
        key: path({ exists: true }).describe("Its private key in PEM"),
      })
      .optional()
      .describe("Serves HTTPS, on all addresses. Changed files are taken over, and no connection ends"),
    base_url: baseUrl
      .optional()
      .describe(
        "Where the world finds this server, such as behind a proxy: links, redirects and feeds begin with it. Its path may be left in requests, " +
          "or taken off by the proxy",
      )
      .meta({ examples: ["https://status.example.org/lifeguard/"] }),
    hosts: z
      .array(
        z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9._-]+)$/, "expected a host name, without a port"),
      )
      .max(100)
      .default([])
      .describe(
        "Further names that this server answers to, beside its addresses and the host of base_url. A request for any other name is refused",
      )
      .meta({ examples: [["status.example.org"]] }),
    proxies: z
      .array(network)
      .max(100)
      .default(["127.0.0.0/8", "::1"])
      .describe(
        "Addresses and networks of proxies whose X-Forwarded-For, -Host and -Proto are believed: failed logins are counted by client",
      )
      .meta({ examples: [["10.0.0.0/8"]] }),
    cors: z
      .array(pages)
      .max(100)
      .default([])
      .describe(
        "Origins of pages that may read everything here and send commands from a browser, with the login of who looks at them, such as a portal " +
          "or a SlapOS monitor application. `*.` stands for every name below one",
      )
      .meta({ examples: [["https://portal.example.org", "https://*.internal.example.org"]] }),
    insecure: z
      .boolean()
      .default(false)
      .describe("Allows to listen on an address that others can reach with neither login nor TLS"),
    related: relatedConfig,
    related_interval: duration({ min: "1s", max: "1h" })
      .prefault("30s")
      .describe(
        "From one look at a related monitor to the next. It is waited for at most so long, and at most 10s",
      ),
  })
  .superRefine(({ listen: addresses, htpasswd, tls, insecure }, ctx) => {
    if (htpasswd !== undefined || tls !== undefined || insecure) return;
    const open = addresses.find(({ host }) => !isLoopback(host));
    if (open)
      ctx.addIssue({
        code: "custom",
        path: ["listen"],
        message:
          `others can reach ${open.host}, and there is neither a login nor TLS: give htpasswd and tls, listen on 127.0.0.1 behind a ` +
          "proxy, or say insecure: true",
      });
  });

/** The options as `start` is given them: paths absolute. */
export type WebConfig = z.output<typeof webConfig>;
