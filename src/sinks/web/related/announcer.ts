import { type Observable, Subject } from "rxjs";
import type { Clock } from "../../../plugin/index.ts";

/** Says that there is something new, soon, and once for all that comes until then. */
export class Announcer {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #subject = new Subject<void>();
  /** When it is said next, on the monotonic clock. */
  #next: { readonly due: number; readonly cancel: () => void } | undefined;

  /** @param signal silences it */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Emits each time it is said. */
  get said(): Observable<void> {
    return this.#subject.asObservable();
  }

  /** Asks for it to be said within so many milliseconds. */
  within(ms: number): void {
    const due = this.#clock.monotonic() + ms;
    if (this.#next && this.#next.due <= due) return;
    this.#next?.cancel();
    const say = () => {
      this.#next = undefined;
      this.#subject.next();
    };
    this.#next = { due, cancel: this.#clock.setTimeout(say, ms, this.#signal) };
  }
}
