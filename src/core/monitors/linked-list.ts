/** A place in a linked list. Made once for a thing that joins and leaves lists often, so that neither costs an allocation. */
export class Link<Value> {
  readonly value: Value;
  previous: Link<Value> | undefined;
  next: Link<Value> | undefined;
  /** The list it is in now. */
  list: LinkedList<Value> | undefined;

  constructor(value: Value) {
    this.value = value;
  }
}

/** A first-in, first-out list whose members can leave from anywhere at a constant cost. */
export class LinkedList<Value> {
  #first: Link<Value> | undefined;
  #last: Link<Value> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Link<Value> | undefined {
    return this.#first;
  }

  /** Puts a link at the end, taking it out of the list it was in. */
  push(link: Link<Value>): void {
    link.list?.remove(link);
    link.list = this;
    link.previous = this.#last;
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    this.#size += 1;
  }

  /** Takes a link out; one that is not in this list is left alone. */
  remove(link: Link<Value>): void {
    if (link.list !== this) return;
    if (link.previous) link.previous.next = link.next;
    else this.#first = link.next;
    if (link.next) link.next.previous = link.previous;
    else this.#last = link.previous;
    link.previous = link.next = link.list = undefined;
    this.#size -= 1;
  }

  /** Takes the first link out. */
  shift(): Link<Value> | undefined {
    const link = this.#first;
    if (link) this.remove(link);
    return link;
  }
}
