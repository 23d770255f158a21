import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../plugin/index.ts";

/** The real time. Its timers keep the process alive only as long as somebody waits for something. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, ms, signal) {
    if (signal?.aborted) return () => {};
    const cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancel);
      callback();
    }, ms);
    signal?.addEventListener("abort", cancel, { once: true });
    return cancel;
  },
  async sleep(ms, signal) {
    await sleep(ms, undefined, signal && { signal }).catch((error) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};
