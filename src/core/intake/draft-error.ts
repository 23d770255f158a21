import { LifeguardError } from "../../plugin/index.ts";

/** A draft that breaks the contract: `EVENT_INVALID`, with the field that is wrong. */
export class DraftError extends LifeguardError {
  /** The draft's top-level field, for counting: there are few of them, whatever a source emits. */
  readonly field: string;

  /**
   * @param path the field, with what is below it: `measures.rtt.value`
   * @param problem what was expected
   */
  constructor(source: string, type: unknown, path: string, problem: string) {
    super("EVENT_INVALID", `source ${source}, event ${printed(type)}: ${path}: ${problem}`);
    this.field = path.split(/[.[]/, 1)[0] as string;
  }
}

/** Thrown by what checks a part of a draft and does not know whose it is. */
export class FieldError extends Error {
  readonly path: string;

  /**
   * @param path the field; empty where whoever called knows it
   * @param problem what was expected
   */
  constructor(path: string, problem: string) {
    super(problem);
    this.path = path;
  }

  /** The same error, seen from the field that holds the wrong one. So paths are built only where something is wrong. */
  static within(outer: string, error: unknown): unknown {
    return error instanceof FieldError ? new FieldError(outer + error.path, error.message) : error;
  }
}

function printed(type: unknown): string {
  return typeof type === "string" && type !== "" ? type.slice(0, 200).replace(/\p{Cc}/gu, " ") : "of no type";
}
