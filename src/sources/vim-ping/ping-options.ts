import { duration, z } from "../../plugin/index.ts";

const bounded = (smallest: number, largest: number) => z.int().min(smallest).max(largest);

const probe = z.enum(["icmp", "tcp", "http"]);

/** What may be said for the whole source and for each VIM. */
export const pingOptions = {
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

const schema = z.object(pingOptions);

/** The same as `start` is given it, times in milliseconds; what was not said is absent. */
export type PingOptions = z.output<typeof schema>;
