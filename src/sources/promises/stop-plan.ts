import { killGroup } from "./kill-group.ts";
import { HASTE, KILL_WAIT, type RunEnd, type RunRequest } from "./runner.ts";

/**
 * Ends a run that takes too long or is not wanted any more: TERM to its group, KILL after the grace, and after another moment it is given
 * up, since a process that waits for the kernel (a dead network file system) does not die of KILL either.
 */
export class StopPlan {
  /** Why it is being stopped; undefined while nothing is. It decides how the run ended. */
  stopped: Extract<RunEnd, { kind: "timeout" | "stopped" }> | undefined;
  readonly #pid: number;
  readonly #request: RunRequest;
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout;
  readonly #abort = () => this.#stop({ kind: "stopped" }, Math.min(this.#request.grace, HASTE));

  /** @param giveUp called when even KILL did not end it */
  constructor(pid: number, request: RunRequest, giveUp: () => void) {
    this.#pid = pid;
    this.#request = request;
    this.#giveUp = giveUp;
    const { timeout, grace, signal } = request;
    this.#timer = setTimeout(() => this.#stop({ kind: "timeout", after: timeout }, grace), timeout);
    signal.addEventListener("abort", this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  /** The process has ended: nothing more is due. What is left of the group of a run that was being stopped is ended too. */
  ended(): void {
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener("abort", this.#abort);
    if (this.stopped) killGroup(this.#pid, "SIGKILL");
  }

  #stop(why: NonNullable<StopPlan["stopped"]>, grace: number): void {
    clearTimeout(this.#timer);
    this.stopped ??= why;
    killGroup(this.#pid, "SIGTERM");
    this.#timer = setTimeout(() => {
      killGroup(this.#pid, "SIGKILL");
      this.#timer = setTimeout(this.#giveUp, KILL_WAIT);
    }, grace);
  }
}
