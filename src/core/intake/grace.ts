import type { Clock } from "../../plugin/index.ts";
import type { Waiter } from "./batch.ts";

/**
 * Lets a waiter be given up a while after its signal aborts: what is about to be committed should still be acknowledged, but a journal
 * that cannot commit must not keep its source from stopping.
 * @param grace milliseconds
 */
export function withGrace(waiter: Waiter, signal: AbortSignal, clock: Clock, grace: number): Waiter {
  let cancel: (() => void) | undefined;
  const abort = () => {
    cancel = clock.setTimeout(() => waiter.reject(signal.reason), grace);
  };
  const leave = () => {
    signal.removeEventListener("abort", abort);
    cancel?.();
  };
  signal.addEventListener("abort", abort, { once: true });
  return {
    resolve() {
      leave();
      waiter.resolve();
    },
    reject(error) {
      leave();
      waiter.reject(error);
    },
  };
}
