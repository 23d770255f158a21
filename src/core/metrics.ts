import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { LifeguardError, type MetricLabels, type MetricOptions, type Metrics } from "../plugin/index.ts";

/** What every metric's name begins with. */
const PREFIX = "lifeguard_";
/** Whose series it is; a source and a sink may share a name, so both labels tell them apart. */
const OWN_LABELS = ["component", "instance"] as const;
/** How often the event loop's delay is sampled: rare enough to cost nothing at idle, often enough for a 99th percentile. */
const SAMPLE_MS = 50;

type Metric = Counter | Gauge | Histogram;

/** The metrics of one component, which end with it. */
export interface ComponentMetrics extends Metrics {
  /** Calls before every rendering: the place to set gauges that cost something to know. Ends with the component. */
  onCollect(callback: () => void): void;
  /** Removes this component's series. */
  remove(): void;
}

/** All metrics of the process, rendered for Prometheus. */
export class MetricsRegistry {
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, Metric>();
  readonly #collectors = new Set<() => void>();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: SAMPLE_MS });

  /** Own metrics of core, such as those of journal and intake. */
  readonly core: ComponentMetrics;

  constructor() {
    this.#loopDelay.enable();
    this.core = this.forComponent("core", "lifeguard");
    this.#addProcessMetrics();
  }

  /**
   * Metrics of one component. Names get the prefix `lifeguard_`, series the labels `component` (its kind) and `instance` (its name).
   * @throws LifeguardError `METRIC_INVALID`, from a declaration that contradicts an earlier one of the same name or takes a label of core
   */
  forComponent(kind: "source" | "sink" | "core", name: string): ComponentMetrics {
    const own = { component: kind, instance: name };
    const series = new Map<string, { metric: Metric; labels: MetricLabels }>();
    const collectors = new Set<() => void>();
    let removed = false;
    // Series are remembered so that they can end with the component; how many there are is the component's own doing.
    const touch = (metric: Metric, key: string, labels: MetricLabels | undefined): MetricLabels | null => {
      if (removed) return null;
      const all = { ...labels, ...own };
      series.set(`${key} ${labels ? JSON.stringify(labels) : ""}`, { metric, labels: all });
      return all;
    };
    return {
      counter: (options) => {
        const counter = this.#declare(options, (base) => new Counter(base), Counter);
        return {
          add(amount = 1, labels) {
            const all = touch(counter, options.name, labels);
            if (all) counter.inc(all, amount);
          },
        };
      },
      gauge: (options) => {
        const gauge = this.#declare(options, (base) => new Gauge(base), Gauge);
        return {
          set(value, labels) {
            const all = touch(gauge, options.name, labels);
            if (all) gauge.set(all, value);
          },
        };
      },
      histogram: (options) => {
        const buckets = [...options.buckets];
        const histogram = this.#declare(options, (base) => new Histogram({ ...base, buckets }), Histogram);
        return {
          observe(value, labels) {
            const all = touch(histogram, options.name, labels);
            if (all) histogram.observe(all, value);
          },
        };
      },
      onCollect: (callback) => {
        if (removed) return;
        collectors.add(callback);
        this.#collectors.add(callback);
      },
      remove: () => {
        removed = true;
        for (const callback of collectors) this.#collectors.delete(callback);
        for (const { metric, labels } of series.values()) metric.remove(labels);
        series.clear();
      },
    };
  }

  /** Everything in the text format of Prometheus. A collector that throws leaves its gauges as they were. */
  async text(): Promise<string> {
    for (const collect of this.#collectors) {
      try {
        collect();
      } catch {
        // What is broken here shows in the component's own health; the other metrics must stay readable.
      }
    }
    return this.#registry.metrics();
  }

  /** Content type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Stops sampling. */
  close(): void {
    this.#loopDelay.disable();
  }

  #declare<Type extends Metric>(
    { name, help, labels = [] }: MetricOptions,
    make: (base: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => Type,
    type: abstract new (...options: never[]) => Type,
  ): Type {
    const labelNames = [...labels, ...OWN_LABELS];
    const known = this.#metrics.get(name);
    if (known) {
      const same = (known as unknown as { labelNames: string[] }).labelNames.join() === labelNames.join();
      if (known instanceof type && same) return known;
      throw invalid(name, "it was declared before with another type or other labels");
    }
    const taken = labels.find((label) => (OWN_LABELS as readonly string[]).includes(label));
    if (taken !== undefined) throw invalid(name, `the label "${taken}" is added by core`);
    try {
      const metric = make({ name: PREFIX + name, help, labelNames, registers: [this.#registry] });
      this.#metrics.set(name, metric);
      return metric;
    } catch (error) {
      throw invalid(name, error instanceof Error ? error.message : String(error));
    }
  }

  #addProcessMetrics(): void {
    const rss = this.core.gauge({ name: "process_resident_memory_bytes", help: "Memory of the process" });
    const heap = this.core.gauge({ name: "process_heap_used_bytes", help: "Memory of JavaScript objects" });
    const cpu = this.core.counter({
      name: "process_cpu_seconds_total",
      help: "CPU time used, user and system",
    });
    const started = this.core.gauge({
      name: "process_start_time_seconds",
      help: "When the process started, seconds since the epoch",
    });
    const delay = this.core.gauge({
      name: "event_loop_delay_seconds",
      help: "How late timers fired since the last scrape",
      labels: ["quantile"],
    });
    started.set(Math.round(performance.timeOrigin) / 1000);
    let counted = 0;
    this.core.onCollect(() => {
      const memory = process.memoryUsage();
      rss.set(memory.rss);
      heap.set(memory.heapUsed);
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      cpu.add(seconds - counted);
      counted = seconds;
      // The histogram holds the time between two samples; what exceeds the sampling interval is delay.
      const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - SAMPLE_MS / 1000);
      const sampled = this.#loopDelay.count > 0;
      for (const quantile of [50, 99, 100])
        delay.set(sampled ? late(this.#loopDelay.percentile(quantile)) : 0, {
          quantile: String(quantile / 100),
        });
      this.#loopDelay.reset();
    });
  }
}

function invalid(name: string, reason: string): LifeguardError {
  return new LifeguardError("METRIC_INVALID", `metric "${name}": ${reason}`);
}
