import { type ComponentHealth, type History, RetryableError } from "../../plugin/index.ts";

/** A sink that keeps a history while it runs, and its health, which says why it does not. */
interface Keeper {
  readonly id: string;
  readonly health: ComponentHealth;
}

/** The histories that running sinks offer, and the sinks that should offer one, all by the sinks' names. */
export class Histories {
  readonly #running = new Map<string, History>();
  readonly #expected = new Map<string, History>();
  #order: readonly string[] = [];

  /**
   * That of the first sink of monitors.yaml that runs and offers one. While none runs that should, one that says why it cannot be read;
   * undefined where no sink keeps any.
   */
  get current(): History | undefined {
    return this.#first(this.#running) ?? this.#first(this.#expected);
  }

  /** @param sinks in the order of monitors.yaml */
  configure(sinks: Iterable<string>): void {
    this.#order = [...sinks];
  }

  /** A sink that keeps one is configured from now on. */
  expect(sink: string, keeper: Keeper): void {
    this.#expected.set(sink, absentHistory(keeper));
  }

  /** It is not any more. Nothing for one that keeps none. */
  forget(sink: string): void {
    this.#expected.delete(sink);
  }

  /** A sink offers one from now on. */
  add(sink: string, history: History): void {
    this.#running.set(sink, history);
  }

  /** It does not any more. */
  remove(sink: string): void {
    this.#running.delete(sink);
  }

  #first(histories: ReadonlyMap<string, History>): History | undefined {
    const name = this.#order.find((one) => histories.has(one));
    return name === undefined ? undefined : histories.get(name);
  }
}

/** The history of a sink that does not run: to every query it says why. */
function absentHistory(keeper: Keeper): History {
  const refuse = async () => {
    const { state, message } = keeper.health;
    throw new RetryableError(message || `${keeper.id} is ${state}`);
  };
  return { events: refuse, episodes: refuse, days: refuse, measures: refuse };
}
