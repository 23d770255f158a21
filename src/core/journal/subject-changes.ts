import type { Description, Envelope } from "../../plugin/index.ts";
import type { SubjectKey, SubjectRow } from "./port.ts";
import type { Slice } from "./slice.ts";

/** Texts of descriptions. Intake hands over the same object with every event of a subject, so each is stringified once. */
const descriptionTexts = new WeakMap<Description, string>();

interface Entry extends SubjectKey {
  /** By which the writer knows the subject, once it was introduced. */
  readonly number: number;
  introduced: boolean;
  changed: boolean;
  /** Null: retired. */
  row: SubjectRow | null;
  /** Another subject of the same name. */
  next: Entry | undefined;
}

/**
 * What goes to the writer about subjects. It is told the names of each once, and then a number, since texts cross the thread boundary and
 * are looked up at a cost; and of each subject only the last row of a slice, so that a flood about one writes it once.
 */
export class SubjectChanges {
  /** By subject alone, whose hash the string remembers; the few that share a name are told apart by comparing. */
  #entries = new Map<string, Entry>();
  #changed: Entry[] = [];
  #numbers = 0;

  set(row: SubjectRow): void {
    this.#change(row).row = row;
  }

  retire(key: SubjectKey): void {
    this.#change(key).row = null;
  }

  /**
   * What changed since the last call.
   * @param indexOf says which body of the slice an envelope is, if it is one
   */
  take(
    indexOf: (envelope: Envelope) => number | undefined,
  ): Pick<Slice, "introduced" | "subjects" | "retired"> {
    const introduced: Array<string | number> = [];
    const subjects: Array<string | number | null> = [];
    const retired: number[] = [];
    for (const entry of this.#changed) {
      const { number, row } = entry;
      if (!entry.introduced) introduced.push(number, entry.subject, entry.source, entry.origin);
      entry.introduced = true;
      entry.changed = false;
      entry.row = null;
      if (row)
        subjects.push(
          number,
          row.latest && (indexOf(row.latest) ?? JSON.stringify(row.latest)),
          row.measures && JSON.stringify(row.measures),
          row.description && descriptionText(row.description),
        );
      else {
        retired.push(number);
        this.#remove(entry);
      }
    }
    this.#changed = [];
    return { introduced, subjects, retired };
  }

  /** Begins anew, with a writer that knows no subject. */
  reset(): void {
    this.#entries = new Map();
    this.#changed = [];
    this.#numbers = 0;
  }

  #change(key: SubjectKey): Entry {
    const entry = this.#find(key) ?? this.#add(key);
    if (!entry.changed) {
      entry.changed = true;
      this.#changed.push(entry);
    }
    return entry;
  }

  #find({ subject, source, origin }: SubjectKey): Entry | undefined {
    let entry = this.#entries.get(subject);
    while (entry && (entry.source !== source || entry.origin !== origin)) entry = entry.next;
    return entry;
  }

  #add({ subject, source, origin }: SubjectKey): Entry {
    const next = this.#entries.get(subject);
    const number = ++this.#numbers;
    const entry = { subject, source, origin, number, introduced: false, changed: false, row: null, next };
    this.#entries.set(subject, entry);
    return entry;
  }

  #remove(entry: Entry): void {
    const first = this.#entries.get(entry.subject);
    if (first === entry) {
      if (entry.next) this.#entries.set(entry.subject, entry.next);
      else this.#entries.delete(entry.subject);
      return;
    }
    let before = first;
    while (before && before.next !== entry) before = before.next;
    if (before) before.next = entry.next;
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
