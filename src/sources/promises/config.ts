import { cron, duration, path, z } from "../../plugin/index.ts";

const bounded = (smallest: number, largest: number) => z.int().min(smallest).max(largest);

/** The options of source `promises` in monitors.yaml. */
export const promisesConfig = z
  .object({
    directory: z
      .union([path({ exists: true }), z.array(path({ exists: true })).min(1)])
      .optional()
      .describe(
        "Folder (or folders) with the promises: every executable file in it is one. Where two have the same name, the later folder's counts. " +
          "Default: monitor-promise and promise, beside monitor.conf",
      )
      .meta({ examples: ["./examples/promises"] }),
    monitor_conf: path({ exists: true })
      .optional()
      .describe(
        "A SlapOS monitor.conf, which gives title, folders, files to show and related monitors. With a glob (* for a part of one name), " +
          "every file that matches is an instance of its own, named like the folder above its etc/",
      )
      .meta({ examples: ["./etc/monitor.conf", "/srv/slapgrid/*/etc/monitor.conf"] }),
    instance: path({ exists: true })
      .optional()
      .describe(
        "What $instance stands for in monitor.conf and .cfg files. Default: the folder above the etc/ that holds monitor.conf",
      ),
    frequency: cron()
      .optional()
      .describe(
        "How often each promise runs, in five cron fields; a frequency in a promise's .cfg wins. Default: * * * * *",
      )
      .meta({ examples: ["*/5 * * * *"] }),
    interval: duration({ min: "1s" })
      .optional()
      .describe("How often each promise runs, as a length of time, instead of frequency")
      .meta({ examples: ["30s"] }),
    timezone: z
      .string()
      .refine(isTimezone, "not a time zone: write an IANA name such as Europe/Berlin")
      .optional()
      .describe("Time zone of all cron fields. Default: the machine's")
      .meta({ examples: ["UTC"] }),
    jitter: duration({ min: "0s" })
      .prefault("2s")
      .describe("Largest random delay of a run, so that not everything runs at the same second"),
    timeout: duration({ min: "10ms", max: "1h" })
      .prefault("20s")
      .describe("A promise that takes longer is stopped, with all processes of its group, and is bad"),
    grace: duration({ min: "0s", max: "1m" })
      .prefault("1s")
      .describe(
        "How long a promise that is being stopped has between the polite signal (TERM) and the last (KILL)",
      ),
    mode: z
      .enum(["auto", "slapos", "nagios"])
      .default("auto")
      .describe(
        "How a promise's exit code and output are read. auto: a JSON object is SlapOS's contract; a file named check_*, or output with a " +
          "status word and performance data, is a Nagios plugin; anything else is text with an exit code",
      ),
    concurrency: bounded(1, 1000)
      .default(16)
      .describe("How many promises run at once; the others wait their turn"),
    run_as: z
      .union([z.string().regex(/^[^\s:]+$/, "not a user's name"), bounded(0, 2 ** 31)])
      .optional()
      .describe("User that promises run as, by name or number. Refused where lifeguard may not change users")
      .meta({ examples: ["nobody"] }),
    environment: z
      .record(z.string().regex(/^[^=\0]+$/, "not a variable's name"), z.string())
      .default({})
      .describe("Variables that promises find in their environment, beside lifeguard's own")
      .meta({ examples: [{ LANG: "C.UTF-8" }] }),
    working_directory: path({ exists: true })
      .optional()
      .describe("Where promises run. Default: the instance's folder, without one the promise's own"),
    nice: bounded(-20, 19)
      .optional()
      .describe(
        "Priority that promises run with: 19 is the lowest. Below 0 is refused where lifeguard may not do so",
      )
      .meta({ examples: [10] }),
    fail_after: bounded(1, 1000)
      .optional()
      .describe("Bad results in a row before a promise counts as bad. Default: 1"),
    recover_after: bounded(1, 1000)
      .optional()
      .describe("Good results in a row before it counts as good again. Default: 1"),
    history: bounded(0, 10_000)
      .default(100)
      .describe("Changes of status kept for each promise in <service>.history.json; 0 keeps none"),
  })
  .superRefine((config, ctx) => {
    if (config.directory === undefined && config.monitor_conf === undefined)
      ctx.addIssue('needs "directory" or "monitor_conf"');
    if (config.frequency !== undefined && config.interval !== undefined)
      ctx.addIssue({
        code: "custom",
        path: ["interval"],
        message: 'give "frequency" or "interval", not both',
      });
    if (config.monitor_conf !== undefined && isGlob(config.monitor_conf)) {
      for (const key of ["instance", "directory"] as const)
        if (config[key] !== undefined)
          ctx.addIssue({
            code: "custom",
            path: [key],
            message: `"${key}" would be the same for all instances of the glob`,
          });
    }
  });

/** The options as `start` is given them: paths absolute, times in milliseconds. */
export type PromisesConfig = z.output<typeof promisesConfig>;

/** Whether a path names many files. */
export function isGlob(path: string): boolean {
  return path.includes("*");
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
