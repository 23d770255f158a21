import { defineSource, z } from "lifeguard/plugin";
import { concatMap, interval } from "rxjs";

const SUBJECTS = 500;
/** Milliseconds between two bursts. */
const EVERY = 10;

/** A steady stream of results that change nothing. */
export default defineSource({
  name: "steady",
  summary: "A steady stream of events",
  config: z.object({ rate: z.number().describe("events a second") }),
  events: ["bench.checked"],
  start: ({ rate }) => {
    const began = performance.now();
    let told = 0;
    const next = () => {
      const milliseconds = (++told * 7919) % 1000;
      return {
        type: "bench.checked",
        subject: `bench/service-${told % SUBJECTS}`,
        status: "ok" as const,
        message: `answered in ${milliseconds} ms`,
        measures: { duration: { value: milliseconds / 1000, unit: "s" } },
      };
    };
    return interval(EVERY).pipe(
      concatMap(() =>
        Array.from({ length: Math.floor(((performance.now() - began) / 1000) * rate) - told }, next),
      ),
    );
  },
});
