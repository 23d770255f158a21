import { isIP } from "node:net";
import { duration, path, z } from "../../plugin/index.ts";
import { defaultTimeout } from "./settings.ts";
import { tackerConfig } from "./tacker-config.ts";
import { parseTarget } from "./target.ts";
import { isVimName } from "./vim.ts";

const bounded = (smallest: number, largest: number) => z.int().min(smallest).max(largest);

const probe = z.enum(["icmp", "tcp", "http"]);

/** What may be said for the whole source and for each VIM. */
const pingOptions = {
  interval: duration({ min: "10ms", max: "1d" })
    .optional()
    .describe("From the beginning of one round to the beginning of the next. Default: 30s")
    .meta({ examples: ["1s"] }),
  timeout: duration({ min: "1ms", max: "1h" })
    .optional()
    .describe(
      "How long each request waits for its answer; at most the interval. Default: a third of the interval, at most 1s",
    )
    .meta({ examples: ["300ms"] }),
  count: bounded(1, 32)
    .optional()
    .describe("Echo requests of one round, one after the other; one answer is enough. Default: 1")
    .meta({ examples: [3] }),
  fail_after: bounded(1, 1000)
    .optional()
    .describe(
      "Missed rounds in a row before a VIM is UNREACHABLE; after the first miss it is asked again without waiting for the interval. Default: 3",
    )
    .meta({ examples: [5] }),
  recover_after: bounded(1, 1000)
    .optional()
    .describe("Answered rounds in a row before it is REACHABLE again. Default: 1")
    .meta({ examples: [2] }),
  report: duration({ min: "100ms", max: "30d" })
    .optional()
    .describe("How often each VIM's round-trip times and loss are summed up in an event. Default: 5m")
    .meta({ examples: ["1m"] }),
  probe: z
    .union([
      probe,
      z
        .array(probe)
        .min(1)
        .refine((all) => new Set(all).size === all.length, "names a probe twice"),
    ])
    .optional()
    .describe(
      "How a VIM is asked. icmp: echo requests; tcp: a connection to the port of its auth_url; http: a GET of its auth_url, where any HTTP " +
        "answer proves that it is reachable. A list is a second opinion: what comes later is asked where what stands before found no answer. Default: icmp",
    )
    .meta({ examples: ["http", ["icmp", "tcp"]] }),
};

const vim = z.object({
  name: z
    .string({ error: "expected a name" })
    .refine(isVimName, "not a name: 1 to 200 characters, control characters excepted")
    .describe("Its name; its subject is vim/<name>")
    .meta({ examples: ["edge-1"] }),
  auth_url: z
    .string({ error: "expected a URL" })
    .superRefine((text, ctx) => {
      const problem = targetProblem(text);
      if (problem !== undefined) ctx.addIssue({ code: "custom", message: problem });
    })
    .describe("URL of its identity service (OpenStack) or API server (Kubernetes). Its host is what is asked")
    .meta({ examples: ["https://192.0.2.7:5000/v3"] }),
  ...pingOptions,
});

/** The options of source `vim-ping` in monitors.yaml. */
export const vimPingConfig = z
  .object({
    ...pingOptions,
    references: z
      .array(
        z
          .string({ error: "expected an address" })
          .refine(
            (text) => isIP(text) !== 0,
            "a reference is an IP address, so that no name service is needed to ask it",
          ),
      )
      .min(1, "without a reference, leave the key out")
      .optional()
      .describe(
        "Addresses on our own way out, such as the gateway. While none of them answers an echo request, no VIM becomes UNREACHABLE: it is unknown, because it may be our own network",
      )
      .meta({ examples: [["192.0.2.1"]] }),
    vims: z
      .array(vim)
      .min(1, "the list of VIMs is empty: name one, or leave the key out")
      .superRefine((all, ctx) => {
        const names = new Map<string, number>();
        for (const [index, { name }] of all.entries()) {
          const first = names.get(name);
          const message = `the name ${name} is taken already, by vims[${first}]`;
          if (first !== undefined) ctx.addIssue({ code: "custom", path: [index, "name"], message });
          else names.set(name, index);
        }
      })
      .optional()
      .describe("VIMs to watch"),
    files: path()
      .optional()
      .describe(
        "A VIM configuration file of Tacker, a folder of them (*.yaml, *.yml) or a glob. Each file is one VIM, named by its name:, else like the file. Only name, type and auth_url are read; credentials beside them are never kept",
      )
      .meta({ examples: ["./vims/", "./vims/edge-*.yaml"] }),
    tacker: tackerConfig.optional().describe("A Tacker whose VIMs are watched as they come and go"),
  })
  .superRefine((config, ctx) => {
    const { vims, files, tacker } = config;
    if (vims === undefined && files === undefined && tacker === undefined)
      ctx.addIssue('nothing to watch: give "vims", "files" or "tacker"');
    const issue = (at: readonly PropertyKey[], message: string) =>
      ctx.addIssue({ code: "custom", path: [...at], message });
    const problem = timeoutProblem(config);
    if (problem !== undefined) issue(["timeout"], problem);
    for (const [index, own] of (vims ?? []).entries()) {
      const ownProblem =
        own.timeout === undefined && own.interval === undefined ? undefined : timeoutProblem(config, own);
      if (ownProblem !== undefined)
        issue(["vims", index, own.timeout === undefined ? "interval" : "timeout"], ownProblem);
    }
  });

/** The options as `start` is given them: paths absolute, times in milliseconds. */
export type VimPingConfig = z.output<typeof vimPingConfig>;

/** What may be said for the whole source and for each VIM. */
export type PingOptions = Partial<
  Pick<VimPingConfig, "interval" | "timeout" | "count" | "fail_after" | "recover_after" | "report" | "probe">
>;

function timeoutProblem(source: PingOptions, own: PingOptions = {}): string | undefined {
  const interval = own.interval ?? source.interval ?? 30_000;
  const timeout = own.timeout ?? source.timeout ?? defaultTimeout(interval);
  return timeout > interval
    ? `a timeout of ${timeout} ms is longer than the interval of ${interval} ms`
    : undefined;
}

function targetProblem(text: string): string | undefined {
  try {
    parseTarget(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
