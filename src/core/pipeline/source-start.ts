import { compileGlob } from "../../plugin/index.ts";
import type { SourceInstance } from "../config/model.ts";
import { sourceContext } from "../contexts/source-context.ts";
import type { IntakeSource } from "../intake/intake-source.ts";
import type { MonitorHost } from "../monitors/host.ts";
import type { RunScope, Start } from "../supervisor.ts";
import type { Engine } from "./engine.ts";

/** How one source is started, again and again if need be. */
export function sourceStart(engine: Engine, instance: SourceInstance): Start {
  return async (life) => {
    const { name, definition, config } = instance;
    const log = engine.log.child(name);
    const metrics = engine.metrics.forComponent("source", name);
    life.onStop(() => metrics.remove());
    const source: IntakeSource = {
      name,
      origin: engine.journal.origin,
      labels: instance.labels,
      events: definition.events,
      signal: life.signal,
    };
    const monitors = engine.monitors.forSource(monitorHost(engine, source, life));
    engine.board.setSource(name, { group: instance.group, public: instance.public });
    const started = await definition.start(
      config,
      sourceContext({
        ...engine,
        name,
        origin: engine.journal.origin,
        scope: life,
        log,
        metrics,
        directory: engine.directory.instanceFolder("source", name),
        dataFile: (file) => engine.directory.files.claim(`sources.${name}`, file),
        source,
        monitors,
      }),
    );
    if (!started) return;
    const subscription = started.subscribe({
      next: (draft) => engine.intake.offer(source, draft),
      error: (error) => life.fail(error),
      complete: () => life.complete(),
    });
    life.onStop(() => subscription.unsubscribe());
  };
}

function monitorHost(engine: Engine, source: IntakeSource, life: RunScope): MonitorHost {
  const { board, intake } = engine;
  const { name, origin, events } = source;
  return {
    name,
    signal: life.signal,
    defaultType: events.keys().next().value as string,
    redact: engine.log.redact,
    emit: (draft, by) => intake.report(source, draft, by),
    standing: (subject) => intake.standing(source, subject),
    freshness: (subject) => board.freshness(origin, name, subject),
    distrust: (subjects, reason) => board.distrustSubjects(name, compileGlob(subjects), reason),
    restart: (reason) => void engine.supervisor.restart(`source/${name}`, reason),
  };
}
