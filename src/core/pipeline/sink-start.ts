import type { SinkInstance } from "../config/model.ts";
import { sinkContext } from "../contexts/sink-context.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { ComponentMetrics } from "../metrics.ts";
import { Troubles } from "../supervisor/troubles.ts";
import type { Start } from "../supervisor.ts";
import type { Engine } from "./engine.ts";

/** What one sink is started with. */
export interface SinkStartParts {
  readonly instance: SinkInstance;
  readonly delivery: Delivery;
  readonly metrics: ComponentMetrics;
  /** Of this lifeguard. */
  readonly title: string | undefined;
  /** Where people reach the page of a sink that runs. */
  readonly pageUrl: () => string | undefined;
}

/** How one sink is started, again and again if need be; its delivery outlives each start. */
export function sinkStart(
  engine: Engine,
  { instance, delivery, metrics, title, pageUrl }: SinkStartParts,
): Start {
  return async (life) => {
    const { name, definition, config, from } = instance;
    const troubles = new Troubles(life);
    const own = troubles.of("sink");
    const sink = await definition.start(
      config,
      sinkContext({
        ...engine,
        name,
        from,
        origin: engine.journal.origin,
        scope: life,
        log: engine.log.child(name),
        metrics,
        directory: engine.directory.instanceFolder("sink", name),
        dataFile: (file) => engine.directory.files.claim(`sinks.${name}`, file),
        state: delivery.state(life.signal),
        history: () => engine.histories.current,
        title,
        pageUrl,
        trouble: (message) => (message === null ? own.recovered() : own.degraded(message)),
      }),
    );
    if (sink.history && !life.signal.aborted) {
      engine.histories.add(name, sink.history);
      life.onStop(() => engine.histories.remove(name));
    }
    return delivery.attach(sink, life, troubles.of("delivery"));
  };
}
