import type { RunScope } from "./life.ts";

/** The part of a life that says how it goes. */
export type Report = Pick<RunScope, "degraded" | "recovered">;

/** Lets several parts of one component say that they work on a trouble: it has recovered when all of them have. */
export class Troubles {
  readonly #life: Report;
  readonly #standing = new Map<string, string>();

  constructor(life: Report) {
    this.#life = life;
  }

  /**
   * The report of one part.
   * @param part its name, which tells it apart from the others
   */
  of(part: string): Report {
    return {
      degraded: (message) => {
        this.#standing.set(part, message);
        this.#tell();
      },
      recovered: () => {
        // Said after every batch: what was never in trouble has nothing to tell.
        if (this.#standing.delete(part)) this.#tell();
      },
    };
  }

  #tell(): void {
    if (this.#standing.size === 0) this.#life.recovered();
    else this.#life.degraded([...this.#standing.values()].join("; "));
  }
}
