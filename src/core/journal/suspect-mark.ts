/**
 * The file whose presence says that the journal was found damaged while it was in use. It has a module of its own because the writer
 * thread needs it, and must not load half of lifeguard for it.
 */
export function suspectMark(path: string): string {
  return `${path}.suspect`;
}
