import type { Metrics } from "../../plugin/index.ts";

/** The metrics that every sink with deliveries has, without the prefix `lifeguard_`. */
export const DELIVERY_METRICS = {
  delivered: { name: "sink_delivered_total", help: "Events that the sink acknowledged" },
  filtered: { name: "sink_filtered_total", help: "Events that its subscription does not match" },
  refused: { name: "sink_refused_total", help: "Events that it refused for good: dead letters" },
  dropped: { name: "sink_dropped_total", help: "Events that were pruned before it read them" },
  retries: { name: "sink_retries_total", help: "Writes that failed and came back" },
  deadLettersDropped: {
    name: "sink_dead_letters_dropped_total",
    help: "Dead letters deleted because there were too many",
  },
  backlog: { name: "sink_backlog_events", help: "Events that it has not dealt with yet" },
  oldestUnread: {
    name: "sink_oldest_unread_seconds",
    help: "Age of the oldest event it has not dealt with yet",
  },
  inFlight: { name: "sink_in_flight_events", help: "Events of the write under way" },
  writeSeconds: {
    name: "sink_write_seconds",
    help: "How long a write took",
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30],
  },
} as const;

/** The metrics of one sink, declared. */
export type DeliveryMetrics = ReturnType<typeof deliveryMetrics>;

/** Declares the metrics of one sink, and starts the counters at zero so that they can be seen before anything happened. */
export function deliveryMetrics(metrics: Metrics) {
  const counters = {
    delivered: metrics.counter(DELIVERY_METRICS.delivered),
    filtered: metrics.counter(DELIVERY_METRICS.filtered),
    refused: metrics.counter(DELIVERY_METRICS.refused),
    dropped: metrics.counter(DELIVERY_METRICS.dropped),
    retries: metrics.counter(DELIVERY_METRICS.retries),
    deadLettersDropped: metrics.counter(DELIVERY_METRICS.deadLettersDropped),
  };
  for (const counter of Object.values(counters)) counter.add(0);
  return {
    ...counters,
    backlog: metrics.gauge(DELIVERY_METRICS.backlog),
    oldestUnread: metrics.gauge(DELIVERY_METRICS.oldestUnread),
    inFlight: metrics.gauge(DELIVERY_METRICS.inFlight),
    writeSeconds: metrics.histogram(DELIVERY_METRICS.writeSeconds),
  };
}
