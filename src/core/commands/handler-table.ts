import { type CommandHandler, compileGlob, LifeguardError } from "../../plugin/index.ts";

interface Entry {
  readonly test: (subject: string) => boolean;
  readonly handler: CommandHandler;
}

/** The handlers of one source, by command and by glob of subjects. Exact subjects cost one look, however many there are. */
export class HandlerTable {
  readonly #byName = new Map<string, { exact: Map<string, CommandHandler>; globs: Map<string, Entry> }>();

  /**
   * Adds a handler. Returns a function that removes it.
   * @throws LifeguardError `COMMAND_DUPLICATE`
   */
  add(subjects: string, name: string, handler: CommandHandler): () => void {
    let handlers = this.#byName.get(name);
    if (!handlers) {
      handlers = { exact: new Map(), globs: new Map() };
      this.#byName.set(name, handlers);
    }
    const { exact, globs } = handlers;
    if (exact.has(subjects) || globs.has(subjects))
      throw new LifeguardError("COMMAND_DUPLICATE", `${name} is answered for ${subjects} already`);
    if (!subjects.includes("*")) {
      exact.set(subjects, handler);
      return () => {
        if (exact.get(subjects) === handler) exact.delete(subjects);
      };
    }
    const entry = { test: compileGlob(subjects), handler };
    globs.set(subjects, entry);
    return () => {
      if (globs.get(subjects) === entry) globs.delete(subjects);
    };
  }

  /** The handler for a subject: the exact one, else that of the first glob that matches. */
  find(subject: string, name: string): CommandHandler | undefined {
    const handlers = this.#byName.get(name);
    const exact = handlers?.exact.get(subject);
    if (exact || !handlers) return exact;
    for (const { test, handler } of handlers.globs.values()) if (test(subject)) return handler;
    return undefined;
  }
}
