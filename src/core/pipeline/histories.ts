import { type ComponentHealth, type History, RetryableError } from "../../plugin/index.ts";

/** A sink that keeps a history while it runs, and its health, which says why it does not. */
interface Keeper {
  readonly id: string;
  readonly health: ComponentHealth;
}

/** The histories that running sinks offer, and the sinks that should offer one. */
export class Histories {
  readonly #running = new Set<History>();
  readonly #expected = new Map<string, History>();

  /**
   * That of the sink that began to offer one first, of those that run. While none runs that should, one that says why it cannot be read;
   * undefined where no sink keeps any.
   */
  get current(): History | undefined {
    const [first] = this.#running;
    const [absent] = this.#expected.values();
    return first ?? absent;
  }

  /** A sink that keeps one is configured from now on. */
  expect(keeper: Keeper): void {
    this.#expected.set(keeper.id, absentHistory(keeper));
  }

  /** It is not any more. Nothing for one that keeps none. */
  forget(id: string): void {
    this.#expected.delete(id);
  }

  /** A sink offers one from now on. */
  add(history: History): void {
    this.#running.add(history);
  }

  /** It does not any more. */
  remove(history: History): void {
    this.#running.delete(history);
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
