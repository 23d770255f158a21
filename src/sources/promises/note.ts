/** Something in a file that was read anyway, for a person to see. */
export interface Note {
  readonly file: string;
  /** 1-based; absent where it is about the whole file. */
  readonly line?: number | undefined;
  readonly message: string;
}

/** One line for a log: `etc/monitor.conf:12: unknown key "titel", ignored`. */
export function formatNote({ file, line, message }: Note): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${message}`;
}
