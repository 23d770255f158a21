import { isIP } from "node:net";
import { path, z } from "../../plugin/index.ts";
import { type PingOptions, pingOptions } from "./ping-options.ts";
import { defaultTimeout } from "./settings.ts";
import { tackerConfig } from "./tacker-config.ts";
import { parseTarget } from "./target.ts";
import { isVimName } from "./vim.ts";

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
    files: path({ exists: true })
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
