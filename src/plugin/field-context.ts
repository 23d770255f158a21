/** What fields need to know of the file they stand in while a configuration is validated. Core sets it; plugins never see it. */
export interface FieldContext {
  /** Absolute folder that relative paths are resolved against: that of the file the component stands in. */
  readonly baseDirectory: string;
}

let current: FieldContext = { baseDirectory: process.cwd() };

/** The context of the validation under way. */
export function fieldContext(): FieldContext {
  return current;
}

/** Runs a synchronous validation in a context. */
export function withFieldContext<Result>(context: FieldContext, validate: () => Result): Result {
  const outer = current;
  current = context;
  try {
    return validate();
  } finally {
    current = outer;
  }
}
