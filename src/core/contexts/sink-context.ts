import type { Board, CommandSender, Health, OpenStream, SinkContext, SinkState } from "../../plugin/index.ts";
import type { Journal } from "../journal/port.ts";
import type { Recent } from "../recent.ts";
import { formatToken } from "../streams/token.ts";
import { type ComponentParts, componentContext } from "./component-context.ts";

/** What a sink's context is made from, beside what every component has. */
export interface SinkParts extends ComponentParts {
  readonly board: Board;
  readonly health: Health;
  readonly commands: CommandSender;
  readonly streams: OpenStream;
  readonly journal: Journal;
  readonly recent: Recent;
  readonly state: SinkState;
  readonly title: string | undefined;
}

/** What one life of a sink is given as `ctx`. */
export function sinkContext(parts: SinkParts): SinkContext {
  const { board, health, commands, streams, journal, recent, state, title, scope } = parts;
  return {
    ...componentContext(parts),
    board,
    health,
    commands,
    events: (options = {}) => {
      const signal = options.signal ? AbortSignal.any([options.signal, scope.signal]) : scope.signal;
      return streams({ ...options, signal });
    },
    position: () => formatToken(journal.epoch, recent.head),
    state,
    title,
  };
}
