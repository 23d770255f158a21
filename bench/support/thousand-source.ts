import { defineSource, type Status, z } from "lifeguard/plugin";
import { concat, interval, map, range } from "rxjs";

const SERVICES = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WORDS = [
  "disk",
  "queue",
  "certificate",
  "replica",
  "backup",
  "gateway",
  "cache",
  "mail",
  "index",
  "login",
];

/** A thousand services with titles, one in fifty not well, of which one after the other says something new. */
export default defineSource({
  name: "thousand",
  summary: "A thousand services",
  config: z.object({
    every: z.number().describe("milliseconds between two results"),
    days: z.number().default(0).describe("days of results before now"),
  }),
  events: ["bench.checked"],
  async start(config, ctx) {
    const check = (number: number) => {
      const service = number % SERVICES;
      const word = WORDS[service % WORDS.length];
      const status: Status = (service * 7 + Math.floor(number / SERVICES)) % 50 === 0 ? "critical" : "ok";
      return {
        type: "bench.checked",
        subject: `bench/${word}-${service}`,
        status,
        message: `${word} ${service} of site ${service % 37} answered ${status} in ${(number * 7919) % 1000} ms`,
        measures: { duration: { value: ((number * 7919) % 1000) / 1000, unit: "s" } },
      };
    };
    for (let service = 0; service < SERVICES; service++)
      ctx.describe(check(service).subject, {
        title: `The ${WORDS[service % WORDS.length]} number ${service}`,
        group: `Site ${service % 37}`,
      });
    const now = Date.now();
    // All of a day before the next one, and some that go wrong and are well again an hour later.
    function* past() {
      for (let day = config.days; day > 0; day--)
        for (let service = 0; service < SERVICES; service++) {
          const time = now - day * DAY + service;
          const result = { ...check(service), status: "ok" as const };
          const luck = (service * 7919 + day * 104_729) % 61;
          if (luck === 0) yield { ...result, status: "critical" as const, time: new Date(time - HOUR) };
          if (luck === 1) yield { ...result, status: "warning" as const, time: new Date(time - HOUR) };
          yield { ...result, time: new Date(time) };
        }
    }
    const first$ = range(0, SERVICES);
    const then$ = interval(config.every).pipe(map((tick) => SERVICES + tick));

    await ctx.accept([...past()]);
    return concat(first$, then$).pipe(map(check));
  },
});
