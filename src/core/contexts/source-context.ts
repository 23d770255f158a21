import type { SourceContext } from "../../plugin/index.ts";
import type { Commands } from "../commands.ts";
import type { Intake } from "../intake/intake.ts";
import type { IntakeSource } from "../intake/intake-source.ts";
import type { Journal } from "../journal/port.ts";
import type { SourceMonitors } from "../monitors/source-monitors.ts";
import { type ComponentParts, componentContext } from "./component-context.ts";
import { sourceState } from "./source-state.ts";

/** What a source's context is made from, beside what every component has. */
export interface SourceParts extends ComponentParts {
  readonly source: IntakeSource;
  readonly intake: Intake;
  readonly journal: Journal;
  readonly monitors: SourceMonitors;
  readonly commands: Commands;
}

/** What one life of a source is given as `ctx`. */
export function sourceContext(parts: SourceParts): SourceContext {
  const { source, intake, journal, monitors, commands, name, scope } = parts;
  return {
    ...componentContext(parts),
    accept: (drafts, options?: { foreign: true }) => intake.accept(source, drafts, options),
    state: sourceState(journal, `source/${name}`),
    monitors,
    describe: (subject, description) => intake.describe(source, subject, description),
    commands: commands.registryFor(name, { signal: scope.signal, fallback: monitors.command }),
  };
}
