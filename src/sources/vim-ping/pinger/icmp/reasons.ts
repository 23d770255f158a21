/** How long what was said about a target explains its silence, in milliseconds: a system looks for a host for three seconds before it gives up. */
const LIFE = 10_000;

/** What ICMP errors and the system said last about targets that do not answer. */
export class Reasons {
  readonly #last = new Map<number, { readonly text: string; readonly until: number }>();

  note(target: number, text: string, now: number): void {
    this.#last.set(target, { text, until: now + LIFE });
  }

  /** Why a target is silent, as far as anybody said; else null. */
  of(target: number, now: number): string | null {
    const last = this.#last.get(target);
    return last !== undefined && now < last.until ? last.text : null;
  }

  forget(target: number): void {
    if (this.#last.size > 0) this.#last.delete(target);
  }
}
