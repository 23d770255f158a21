import { type Observable, Subject } from "rxjs";
import type { Envelope } from "../plugin/index.ts";
import { Feed } from "./bus/feed.ts";

/** What a bus needs. */
export interface BusOptions {
  /** Told of every failure of a subscriber, by its name. May be called per event, so it limits its own rate. */
  onError(name: string, error: unknown): void;
}

/**
 * Fan-out of committed envelopes. Every subscriber sees them in journal order, also when a handler publishes while it handles: what is
 * published meanwhile waits until everybody has seen what came before. A subscriber that throws disturbs nobody else.
 */
export class Bus {
  readonly #groups = new Subject<readonly Envelope[]>();
  readonly #waiting: (readonly Envelope[])[] = [];
  readonly #failures = new Map<string, number>();
  readonly #onError: BusOptions["onError"];
  #draining = false;

  constructor(options: BusOptions) {
    this.#onError = options.onError;
  }

  /** Hands one group, in seq order, to every subscriber. Returns when all have seen it, or at once from inside a handler. */
  publish(envelopes: readonly Envelope[]): void {
    if (envelopes.length === 0) return;
    this.#waiting.push(envelopes);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#groups.next(next);
    } finally {
      this.#draining = false;
    }
  }

  /** Calls a handler for each envelope. One that throws is counted and reported, and gets the next envelope. Returns the unsubscription. */
  subscribe(name: string, handler: (envelope: Envelope) => void): () => void {
    let open = true;
    const close = this.subscribeGroups(name, (group) => {
      for (const envelope of group) {
        if (!open) return;
        try {
          handler(envelope);
        } catch (error) {
          this.#fail(name, error);
        }
      }
    });
    return () => {
      open = false;
      close();
    };
  }

  /** As `subscribe`, with one call a published group: for those who can share work between envelopes. */
  subscribeGroups(name: string, handler: (envelopes: readonly Envelope[]) => void): () => void {
    const subscription = this.#groups.subscribe((group) => {
      try {
        handler(group);
      } catch (error) {
        this.#fail(name, error);
      }
    });
    return () => subscription.unsubscribe();
  }

  /**
   * Runs a chain of operators over the envelopes. A chain that fails is counted, reported, and built and subscribed anew for the next
   * envelope; one that completes is done. Returns the unsubscription.
   */
  observe(name: string, build: (events$: Observable<Envelope>) => Observable<unknown>): () => void {
    let input: Feed<Envelope> | null = null;
    let chain: { unsubscribe(): void } | undefined;
    let done = false;
    const connect = () => {
      const events = new Feed<Envelope>();
      const built = build(events.values$);
      input = events;
      chain = built.subscribe({
        error: (error) => {
          input = null;
          this.#fail(name, error);
        },
        complete: () => {
          done = true;
          close?.();
        },
      });
    };
    let close: (() => void) | undefined;
    connect();
    if (!done)
      close = this.subscribe(name, (envelope) => {
        if (!input) connect();
        input?.next(envelope);
      });
    return () => {
      close?.();
      chain?.unsubscribe();
    };
  }

  /** How often each subscriber has failed; those that never did are absent. */
  failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  #fail(name: string, error: unknown): void {
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    try {
      this.#onError(name, error);
    } catch {
      // Reporting must not become a failure of its own: the count above stands.
    }
  }
}
