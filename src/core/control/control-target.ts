import type { CommandSender, History, OpenStream, Silence } from "../../plugin/index.ts";
import type { DeadLetters } from "../delivery/dead-letters.ts";
import type { SilenceRequest } from "../silences/request.ts";
import type { StatusReport } from "./status-report.ts";

/** What a reload did. */
export type ReloadOutcome =
  | { readonly ok: true; readonly message: string }
  /** The configuration on disk does not run; `details` has everything that is wrong with it, printed. */
  | { readonly ok: false; readonly message: string; readonly details: string };

/** A silence that has begun, and how many subjects it silences now. */
export interface Silenced extends Silence {
  readonly matches: number;
}

/** What the control socket serves: the parts of a running pipeline that the command line may reach. */
export interface ControlTarget {
  status(): StatusReport;
  readonly events: OpenStream;
  readonly commands: CommandSender;
  /** @param reason who asked, for the log */
  reload(reason: string): Promise<ReloadOutcome>;
  readonly deadLetters: Pick<DeadLetters, "list" | "replay" | "drop">;
  readonly silences: {
    list(): readonly Silence[];
    begin(request: SilenceRequest): Promise<Silenced>;
    end(id: string, by: string): Promise<Silence>;
  };
  /** Undefined while no sink offers one. */
  history(): History | undefined;
  /**
   * Lets a running sink try its way to the far end.
   * @returns what it did
   * @throws LifeguardError `SINK_UNKNOWN`, and what `Delivery.test` throws
   */
  testSink(name: string, signal: AbortSignal): Promise<string>;
  /** Names of the sinks that may have dead letters. */
  sinkNames(): readonly string[];
}
