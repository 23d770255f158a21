import type { Clock, Envelope, Sink } from "../../plugin/index.ts";

/** What came of one write. */
export type Outcome =
  | { readonly kind: "delivered" }
  /** It may pass: what is not in `delivered` comes back after a back-off. */
  | { readonly kind: "failed"; readonly delivered: ReadonlySet<string>; readonly reason: string }
  /** Refused for good: these become dead letters, the rest comes back at once. */
  | { readonly kind: "refused"; readonly refused: ReadonlySet<string> | "all"; readonly reason: string }
  /** It ignores its abort and is still under way: nobody knows what it will do. */
  | { readonly kind: "stuck"; readonly reason: string };

/** How long a write that was aborted may take to notice. Less than the second that a teardown has, so that a close still fits in. */
export const GRACE_MS = 500;

/**
 * Writes one batch once. Never rejects, and always settles: within the timeout, or the abort of `signal`, and the grace.
 * @param timeout milliseconds
 */
export async function attemptWrite(
  sink: Sink,
  batch: readonly Envelope[],
  {
    timeout,
    signal,
    clock,
    redact = (text) => text,
  }: {
    timeout: number;
    signal: AbortSignal;
    clock: Clock;
    redact?: ((text: string) => string) | undefined;
  },
): Promise<Outcome> {
  const abort = new AbortController();
  const over = new AbortController();
  const stuck = Promise.withResolvers<Outcome>();
  const giveUp = (reason: string) => {
    abort.abort(new DOMException(reason, "AbortError"));
    clock.setTimeout(
      () => stuck.resolve({ kind: "stuck", reason: `${reason}, and the write ignores its abort` }),
      GRACE_MS,
      over.signal,
    );
  };
  clock.setTimeout(() => giveUp(`no answer within ${timeout} ms`), timeout, over.signal);
  const stop = () => giveUp("stopped before it was written");
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true, signal: over.signal });
  const written = (async () => sink.write?.(batch, abort.signal))().then(
    (): Outcome => ({ kind: "delivered" }),
    (error): Outcome => {
      const outcome = classify(error, abort.signal);
      return "reason" in outcome ? { ...outcome, reason: redact(outcome.reason) } : outcome;
    },
  );
  const outcome = await Promise.race([written, stuck.promise]);
  over.abort();
  return outcome;
}

/** Errors are told apart by their codes: a plugin's package may bring its own copy of the classes. */
function classify(error: unknown, aborted: AbortSignal): Outcome {
  const { code, delivered, refused } = (error ?? {}) as {
    code?: unknown;
    delivered?: unknown;
    refused?: unknown;
  };
  const reason = messageOf(error);
  if (code === "PERMANENT") {
    const ids = idsOf(refused);
    return { kind: "refused", refused: ids.size > 0 ? ids : "all", reason };
  }
  // Most libraries say no more than “aborted”, where people want to read that it took too long.
  const said = aborted.aborted && code !== "RETRYABLE" ? messageOf(aborted.reason) : reason;
  return { kind: "failed", delivered: code === "RETRYABLE" ? idsOf(delivered) : new Set(), reason: said };
}

function idsOf(ids: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : []);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
