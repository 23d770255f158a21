import type { EventDraft, Status } from "../../plugin/index.ts";

/** What the monitors of one source instance need of the rest of core. Lives as long as one start of the source. */
export interface MonitorHost {
  /** The instance's name in monitors.yaml. */
  readonly name: string;
  /** Aborts when the source stops; all its monitors end with it. */
  readonly signal: AbortSignal;
  /** The first type of the definition's `events`: what core says for a probe that never observed anything. */
  readonly defaultType: string;
  /** Takes a draft, as from the source's Observable. */
  emit(draft: EventDraft): void;
  /**
   * The verdict that stands for a subject of this source, emitted but uncommitted events included; undefined while there was none.
   * It is the last verdict as it was given: being stale since a restart does not make it `unknown`.
   */
  standing(
    subject: string,
  ): { readonly status: Status; readonly state: string; readonly episode: string | null } | undefined;
  /** The cell that says when a subject was last looked at, milliseconds since the epoch; the same one as long as the source runs. */
  freshness(subject: string): { seen: number };
  /** Makes every subject of this source that the glob matches read `unknown`, because of the reason. */
  distrust(subjects: string, reason: string): void;
  /** Restarts the source. */
  restart(reason: string): void;
}
