import type { Clock, EventDraft } from "../../plugin/index.ts";
import type { Intake } from "../intake/intake.ts";
import type { Journal } from "../journal/port.ts";
import type { ActiveSilences } from "./silences.ts";

/** What those who keep the time of silences need. */
export interface KeeperParts {
  readonly active: ActiveSilences;
  readonly journal: Pick<Journal, "state" | "append">;
  readonly intake: Pick<Intake, "record">;
  /** Takes an event about this lifeguard itself. */
  readonly emit: (draft: EventDraft) => void;
  readonly clock: Clock;
}
