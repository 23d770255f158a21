import type { EventDraft, Status } from "../../plugin/index.ts";

/** What the monitors of one source instance need of the rest of core. Lives as long as one start of the source. */
export interface MonitorHost {
  /** The instance's name in monitors.yaml. */
  readonly name: string;
  /** Aborts when the source stops; all its monitors end with it. */
  readonly signal: AbortSignal;
  /** The first type of the definition's `events`: what core says for a probe that never observed anything. */
  readonly defaultType: string;
  /** Hides secrets in what a probe says when it fails. Absent: nothing is hidden. */
  readonly redact?: ((text: string) => string) | undefined;
  /**
   * Takes a draft: an observation of the source's own probe, or core's word about a monitor (housekeeping, and verdicts on a probe that gave
   * none; these carry no data, whatever the type's schema asks for).
   * @throws LifeguardError `EVENT_INVALID` when it breaks the contract
   */
  emit(draft: EventDraft, by: "source" | "core"): void;
  /**
   * The verdict that stands for a subject of this source, emitted but uncommitted events included; undefined while there was none.
   * It is the last verdict as it was given: being stale since a restart does not make it `unknown`.
   */
  standing(
    subject: string,
  ): { readonly status: Status; readonly state: string; readonly episode: string | null } | undefined;
  /** The cell that says when a subject was last looked at, milliseconds since the epoch. Asked for once by each monitor that beats. */
  freshness(subject: string): { seen: number };
  /** Makes every subject of this source that the glob matches read `unknown` until it is seen again, because of the reason. */
  distrust(subjects: string, reason: string): void;
  /** Restarts the source, with its back-off. */
  restart(reason: string): void;
}
