import type { Board, SinkContext } from "../../src/plugin/index.ts";

/** As much of a context as the sink database asks for. @param board what it knows of subjects; absent: nothing */
export function sinkContext(board: Pick<Board, "find"> = { find: () => [] }): SinkContext {
  const never = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
  return {
    origin: ORIGIN,
    position: () => "bench-0",
    clock: { now: Date.now, monotonic: performance.now, setTimeout: () => () => {}, sleep: never },
    log: { debug() {}, info() {}, warn() {}, error: console.error },
    board,
    health: { components: () => [] },
  } as unknown as SinkContext;
}

/** The lifeguard that everything comes from. */
export const ORIGIN = "k3v9mzq2w8ab";
