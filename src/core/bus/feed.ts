import { Observable, type Subscriber } from "rxjs";

/** An Observable that is fed from outside, as a Subject is; but a Subject makes a closure and an iterator for every value. */
export class Feed<Value> {
  #subscribers: readonly Subscriber<Value>[] = [];

  readonly values$ = new Observable<Value>((subscriber) => {
    this.#subscribers = [...this.#subscribers, subscriber];
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    };
  });

  /** Hands a value to those who are subscribed now. */
  next(value: Value): void {
    for (const subscriber of this.#subscribers) subscriber.next(value);
  }
}
