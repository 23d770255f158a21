import type { Description, Envelope } from "../../plugin/index.ts";
import type { SubjectKey, SubjectRow } from "./port.ts";

/** Texts of descriptions. Intake hands over the same object with every event of a subject, so each is stringified once. */
const descriptionTexts = new WeakMap<Description, string>();

interface Entry {
  readonly key: SubjectKey;
  /** Null: retired. */
  row: SubjectRow | null;
}

/** What a slice does to subjects: of each subject only the last row, so that a flood about one subject writes it once. */
export class SubjectChanges {
  /** By subject alone, whose hash the string remembers; the few that share a name are told apart by comparing. */
  readonly #entries = new Map<string, Entry[]>();

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
    const entries = this.#entries.get(key.subject);
    if (!entries) {
      this.#entries.set(key.subject, [{ key, row }]);
      return;
    }
    const entry = entries.find(
      ({ key: other }) => other.source === key.source && other.origin === key.origin,
    );
    if (entry) entry.row = row;
    else entries.push({ key, row });
  }

  *#all(): Iterable<Entry> {
    for (const entries of this.#entries.values()) yield* entries;
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
