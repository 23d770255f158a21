import { mkdirSync } from "node:fs";
import type { Observable } from "rxjs";
import type { Clock, ComponentContext, Logger, Metrics } from "../../plugin/index.ts";
import { watch } from "../watch.ts";
import type { Scope } from "./scope.ts";

/** What the contexts of sources and sinks are made from. */
export interface ComponentParts {
  readonly name: string;
  readonly origin: string;
  readonly scope: Scope;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Absolute; made when the component first asks for it. */
  readonly directory: string;
  /** Claims a file right in the data directory. */
  readonly dataFile: (name: string) => string;
}

/** What a source and a sink are both given. */
export function componentContext(parts: ComponentParts): ComponentContext {
  const { name, origin, scope, log, clock, metrics, directory, dataFile } = parts;
  return {
    name,
    origin,
    signal: scope.signal,
    onStop: (teardown) => scope.onStop(teardown),
    log,
    clock,
    metrics,
    dataDir() {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return directory;
    },
    dataFile,
    watch: (path): Observable<void> => watch(path, { clock, signal: scope.signal }),
  };
}
