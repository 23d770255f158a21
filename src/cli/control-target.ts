import type { ControlTarget } from "../core/control/control-target.ts";
import { bookLine, type StatusReport, subjectLine } from "../core/control/status-report.ts";
import type { Reloader } from "../core/pipeline/reloader.ts";
import type { Pipeline } from "../core/pipeline.ts";
import { testOf } from "../core/silences/silences.ts";
import { version } from "./version.ts";

/** What the control socket of a running pipeline serves. */
export function controlTarget(pipeline: Pipeline, reloader: Reloader): ControlTarget {
  const started = new Date().toISOString();
  const { engine, health } = pipeline;
  return {
    status: (): StatusReport => ({
      version: version(),
      pid: process.pid,
      origin: engine.journal.origin,
      title: pipeline.config.title ?? null,
      role: pipeline.config.role,
      config: pipeline.config.file,
      started,
      ready: health.ready(),
      configError: health.configError(),
      head: engine.journal.head,
      components: health.components(),
      sinks: Object.fromEntries([...pipeline.books()].map(([name, books]) => [name, bookLine(books)])),
      silences: engine.silences.active(),
      subjects: engine.board.subjects().map((state) => subjectLine(state, engine.silences)),
    }),
    events: engine.streams,
    commands: engine.commands,
    async reload(reason) {
      const reloaded = await reloader.reload(reason);
      const details = health.configError();
      if (details !== null)
        return {
          ok: false,
          message:
            reloaded.result === "refused"
              ? reloaded.message
              : "the configuration was refused before, and has not changed since",
          details,
        };
      return { ok: true, message: reloaded.result === "reloaded" ? reloaded.message : "nothing has changed" };
    },
    deadLetters: pipeline.deadLetters,
    silences: {
      list: () => engine.silences.active(),
      async begin(request) {
        const silence = await engine.silenceKeeper.begin(request);
        const isSilenced = testOf(silence);
        const rows = engine.board.subjects();
        const silenced = rows.filter(({ subject, event }) =>
          isSilenced({ subject, labels: event?.labels ?? {} }),
        );
        return { ...silence, matches: silenced.length };
      },
      end: (id, by) => engine.silenceKeeper.end(id, by),
    },
    history: () => engine.histories.current,
    testSink: (name, signal) => pipeline.testSink(name, signal),
    sinkNames: () => [...pipeline.config.declared.sinks],
  };
}
