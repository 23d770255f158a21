import type { SourceContext } from "../../plugin/index.ts";
import type { PingCounters } from "./pinger/port.ts";
import type { Pings } from "./pings.ts";

/** Milliseconds between two readings. */
const EVERY = 5000;

const KINDS = ["sent", "received", "late", "duplicate", "foreign", "forged", "stalled"] as const;

/** Brings what the pinger counts into the metrics, until the source stops. */
export function countPings(ctx: Pick<SourceContext, "clock" | "metrics" | "signal">, pings: Pings): void {
  const packets = ctx.metrics.counter({
    name: "vim_ping_packets_total",
    help: "Echo requests sent and replies heard: in time, late, duplicate, foreign, forged; and rounds that the pinger itself was too late for",
    labels: ["kind"],
  });
  let before: Partial<PingCounters> = {};
  const read = () => {
    const now = pings.counters();
    if (now)
      for (const kind of KINDS) {
        // A pinger that was opened anew counts from zero.
        const more = now[kind] - (before[kind] ?? 0);
        packets.add(more < 0 ? now[kind] : more, { kind });
      }
    before = now ?? {};
    ctx.clock.setTimeout(read, EVERY, ctx.signal);
  };
  read();
}
