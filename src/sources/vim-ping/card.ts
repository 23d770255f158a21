import type { SourceContext } from "../../plugin/index.ts";

/** What people read about the source itself: a line for each thing that it depends on. */
export class Card {
  readonly #ctx: Pick<SourceContext, "name" | "describe">;
  readonly #lines = new Map<string, string>();

  constructor(ctx: Pick<SourceContext, "name" | "describe">) {
    this.#ctx = ctx;
  }

  /** Writes a line, in place of the last one of that key. */
  write(key: string, line: string): void {
    if (this.#lines.get(key) === line) return;
    this.#lines.set(key, line);
    this.#ctx.describe(`instance/${this.#ctx.name}`, { description: [...this.#lines.values()].join(". ") });
  }
}
