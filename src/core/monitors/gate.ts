import { Link, LinkedList } from "./linked-list.ts";

/** How many probes of an instance run at once unless its source says otherwise. */
const DEFAULT_LIMIT = 16;

/** Who wants to pass a gate. Made once for each prober. */
export type Ticket = Link<() => void>;

/** Lets only so many in at once; the others wait in order of arrival, after those who are urgent. */
export class Gate {
  #limit = DEFAULT_LIMIT;
  #inside = 0;
  readonly #urgent = new LinkedList<() => void>();
  readonly #waiting = new LinkedList<() => void>();

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#urgent.size + this.#waiting.size;
  }

  /** Changes how many may be inside. Those inside stay. */
  limit(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  /** Makes a ticket; `admitted` is called each time it has passed, and must not throw. */
  ticket(admitted: () => void): Ticket {
    return new Link(admitted);
  }

  /** Queues a ticket, or moves one to those who are urgent. Admits it at once where there is room. Pair with `leave`. */
  enter(ticket: Ticket, urgent: boolean): void {
    (urgent ? this.#urgent : this.#waiting).push(ticket);
    this.#admit();
  }

  /** Gives up waiting. */
  giveUp(ticket: Ticket): void {
    ticket.list?.remove(ticket);
  }

  /** Makes room for the next. */
  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#inside < this.#limit) {
      const ticket = this.#urgent.shift() ?? this.#waiting.shift();
      if (!ticket) return;
      this.#inside += 1;
      ticket.value();
    }
  }
}
