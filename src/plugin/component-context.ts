import type { Observable } from "rxjs";
import type { Clock } from "./clock.ts";

/** Logs with the instance's name. Never log per event at info or above. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Label values of one sample; the names must be those of the declaration. */
export type MetricLabels = Readonly<Record<string, string>>;

/** What declares a metric. Core prefixes the name with `lifeguard_` and adds the label `instance`. */
export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[] | undefined;
}

/** Own metrics of a component; they end with it. Declaring the same name again returns the same metric. */
export interface Metrics {
  counter(options: MetricOptions): { add(amount?: number, labels?: MetricLabels): void };
  gauge(options: MetricOptions): { set(value: number, labels?: MetricLabels): void };
  histogram(options: MetricOptions & { buckets: readonly number[] }): {
    observe(value: number, labels?: MetricLabels): void;
  };
}

/** What a source and a sink are both given. */
export interface ComponentContext {
  /** The instance's name in monitors.yaml. */
  readonly name: string;
  /** The persistent id of this lifeguard. */
  readonly origin: string;
  /** Lives as long as the component; everything it opened is closed within a second of its abort. */
  readonly signal: AbortSignal;
  /** Registers teardown that takes time. Called once each, last registered first, after `signal` aborted; waited for. */
  onStop(teardown: () => void | Promise<void>): void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A folder of its own below the data directory; made on first use. Its content survives restarts. */
  dataDir(): string;
  /**
   * A file right in the data directory, for the one that people and their backups look for by its name, as `history.db`. It belongs to the
   * first instance that asks for it, for as long as that one is configured.
   * @throws LifeguardError `CONFIG` where it is another one's
   */
  dataFile(name: string): string;
  /**
   * Emits after a file, or an entry of a folder, changed, appeared or vanished and then rested a moment; also where an editor renames,
   * a ConfigMap swaps symlinks or the path does not exist yet. Says only that it is time to look again.
   */
  watch(path: string): Observable<void>;
}
