import type {
  Authorize,
  Board,
  CommandSender,
  Filter,
  Health,
  History,
  OpenStream,
  ResumeToken,
  Silences,
  SinkContext,
  SinkState,
} from "../../plugin/index.ts";
import { type ComponentParts, componentContext } from "./component-context.ts";

/** What a sink's context is made from, beside what every component has. */
export interface SinkParts extends ComponentParts {
  readonly board: Board;
  readonly health: Health;
  readonly commands: CommandSender;
  readonly authorize: Authorize;
  readonly silences: Silences;
  readonly streams: OpenStream;
  readonly from: Filter;
  readonly position: () => ResumeToken;
  readonly state: SinkState;
  /** Asked each time: the sink that offers it comes and goes. */
  readonly history: () => History | undefined;
  readonly title: string | undefined;
  /** Asked each time: a reload may change it. */
  readonly pageUrl: () => string | undefined;
  /** Shows a trouble that the sink works on by itself; null ends it. */
  readonly trouble: (message: string | null) => void;
}

/** What one life of a sink is given as `ctx`. */
export function sinkContext(parts: SinkParts): SinkContext {
  const { board, health, commands, authorize, silences, streams, position, state, history, scope } = parts;
  return {
    ...componentContext(parts),
    board,
    health,
    commands,
    authorize,
    silences,
    events: (options = {}) => {
      const signal = options.signal ? AbortSignal.any([options.signal, scope.signal]) : scope.signal;
      return streams({ ...options, signal });
    },
    from: parts.from,
    position,
    state,
    get history() {
      return history();
    },
    title: parts.title,
    get pageUrl() {
      return parts.pageUrl();
    },
    trouble: parts.trouble,
  };
}
