import { LifeguardError } from "../../../plugin/index.ts";

/** A failure on its way from the store's thread to the sink. */
export interface Failure {
  /** `data`: these very events cannot be stored. `final`: a person is needed. `passing`: it may pass. */
  readonly kind: "data" | "final" | "passing";
  readonly message: string;
  /** Ids of the events that cannot be stored. */
  readonly refused?: readonly string[] | undefined;
}

/** Classes of PostgreSQL's errors that mean the data: exception, constraint, limit exceeded. */
const POSTGRES_DATA = new Set(["22", "23", "54"]);
/** SQLite's result codes that mean the data: too big, constraint, mismatch. */
const SQLITE_DATA = new Set([18, 19, 20]);

/** Whether an error says that the data cannot be stored, however often it is tried. */
export function isDataError(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return SQLITE_DATA.has(errcode & 0xff);
  return typeof code === "string" && code.length === 5 && POSTGRES_DATA.has(code.slice(0, 2));
}

/** Some of a batch can never be stored; the rest of it is. */
export class RefusedEvents extends Error {
  readonly ids: readonly string[];

  constructor(message: string, ids: readonly string[]) {
    super(message);
    this.ids = ids;
  }
}

/** What the sink is told of an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RefusedEvents) return { kind: "data", message: error.message, refused: error.ids };
  const message = messageOf(error);
  return { kind: error instanceof LifeguardError && error.code === "CONFIG" ? "final" : "passing", message };
}

/** An AggregateError of the driver, as for a name with two addresses, has no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0)
    return messageOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
