import type { Description, Envelope } from "../../plugin/index.ts";
import type { SubjectKey, SubjectRow } from "./port.ts";

/** Texts of descriptions. Intake hands over the same object with every event of a subject, so each is stringified once. */
const descriptionTexts = new WeakMap<Description, string>();

interface Entry {
  readonly key: SubjectKey;
  /** Null: retired. */
  row: SubjectRow | null;
  /** Another subject of the same name. */
  next: Entry | undefined;
}

/** What a slice does to subjects: of each subject only the last row, so that a flood about one subject writes it once. */
export class SubjectChanges {
  /** By subject alone, whose hash the string remembers; the few that share a name are told apart by comparing. */
  readonly #entries = new Map<string, Entry>();

  set(row: SubjectRow): void {
    this.#put(row, row);
  }

  retire(key: SubjectKey): void {
    this.#put(key, null);
  }

  /**
   * Rows for `Slice.subjects`.
   * @param indexOf says which body of the slice an envelope is, if it is one
   */
  rows(indexOf: (envelope: Envelope) => number | undefined): Array<string | number | null> {
    const rows: Array<string | number | null> = [];
    for (const { row } of this.#all())
      if (row) {
        const { subject, source, origin, latest, measures, description } = row;
        rows.push(
          subject,
          source,
          origin,
          latest && (indexOf(latest) ?? JSON.stringify(latest)),
          measures && JSON.stringify(measures),
          description && descriptionText(description),
        );
      }
    return rows;
  }

  /** Keys for `Slice.retired`. */
  retired(): string[] {
    const keys: string[] = [];
    for (const { key, row } of this.#all()) if (!row) keys.push(key.subject, key.source, key.origin);
    return keys;
  }

  #put(key: SubjectKey, row: SubjectRow | null): void {
    let last: Entry | undefined;
    for (let entry = this.#entries.get(key.subject); entry; entry = entry.next) {
      if (entry.key.source === key.source && entry.key.origin === key.origin) {
        entry.row = row;
        return;
      }
      last = entry;
    }
    const entry: Entry = { key, row, next: undefined };
    if (last) last.next = entry;
    else this.#entries.set(key.subject, entry);
  }

  *#all(): Iterable<Entry> {
    for (const first of this.#entries.values())
      for (let entry: Entry | undefined = first; entry; entry = entry.next) yield entry;
  }
}

function descriptionText(description: Description): string {
  let text = descriptionTexts.get(description);
  if (text === undefined) {
    text = JSON.stringify(description);
    descriptionTexts.set(description, text);
  }
  return text;
}
