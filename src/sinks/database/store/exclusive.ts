/** Lets one task after the other in, in the order in which they came. */
export class Exclusive {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task when all before it have settled. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
