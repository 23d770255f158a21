import { Subject } from "rxjs";
import { compileGlob, type Silence, type Silenceable, type Silences } from "../../plugin/index.ts";

/** Answers remembered, one a subject; beyond it remembering starts again. */
const REMEMBERED = 50_000;

type Labels = NonNullable<Silenceable["labels"]>;

const NO_LABELS: Labels = {};

interface Active {
  readonly silence: Silence;
  readonly test: (target: Silenceable) => boolean;
}

interface Answer {
  readonly labels: Labels;
  readonly found: Silence | undefined;
}

/**
 * The silences that hold now. They are told to it by whoever keeps the time.
 *
 * It is asked for every event and every row of the page, so answers are remembered by subject. What begins or ends takes away only the
 * answers that it changes: a thousand silences cost a thousand globs for a subject once, and not after each of them.
 */
export class ActiveSilences implements Silences {
  readonly changes = new Subject<void>();
  /** By when they end, the last one first. */
  #active: readonly Active[] = [];
  #silences: readonly Silence[] = [];
  #anyLabels = false;
  #version = 0;
  readonly #answers = new Map<string, Answer>();

  get version(): number {
    return this.#version;
  }

  active(): readonly Silence[] {
    return this.#silences;
  }

  of(target: Silenceable): Silence | undefined {
    if (this.#active.length === 0) return undefined;
    const known = this.#answers.get(target.subject);
    if (known && (!this.#anyLabels || sameLabels(known.labels, target.labels ?? NO_LABELS)))
      return known.found;
    const found = this.#active.find(({ test }) => test(target))?.silence;
    if (!known && this.#answers.size >= REMEMBERED) this.#answers.clear();
    this.#answers.set(target.subject, { labels: target.labels ?? NO_LABELS, found });
    return found;
  }

  /** It holds from now on, in the place of one with the same id. */
  begin(silence: Silence): void {
    const test = testOf(silence);
    const others = this.#active.filter((one) => one.silence.id !== silence.id);
    this.#change([...others, { silence, test }]);
    for (const [subject, { labels, found }] of this.#answers)
      if (found?.id === silence.id || test({ subject, labels })) this.#answers.delete(subject);
    this.#tell();
  }

  /** It does not hold any more. */
  end(id: string): void {
    const others = this.#active.filter(({ silence }) => silence.id !== id);
    if (others.length === this.#active.length) return;
    this.#change(others);
    for (const [subject, { found }] of this.#answers) if (found?.id === id) this.#answers.delete(subject);
    this.#tell();
  }

  #change(active: readonly Active[]): void {
    const anyLabels = active.some(({ silence }) => Object.keys(silence.labels).length > 0);
    // What was answered while labels did not matter may have been remembered with those of another event.
    if (anyLabels !== this.#anyLabels) this.#answers.clear();
    this.#anyLabels = anyLabels;
    this.#active = active.toSorted((a, b) => lastFirst(a.silence, b.silence));
    this.#silences = this.#active.map(({ silence }) => silence);
  }

  #tell(): void {
    this.#version++;
    this.changes.next();
  }
}

/** Compiles whom a silence is about. */
export function testOf({ subjects, labels }: Silence): (target: Silenceable) => boolean {
  const names = subjects.map(compileGlob);
  const wanted = Object.entries(labels).map(([name, globs]) => [name, globs.map(compileGlob)] as const);
  return ({ subject, labels: own = {} }) =>
    names.some((test) => test(subject)) &&
    wanted.every(
      ([name, tests]) => Object.hasOwn(own, name) && tests.some((test) => test(own[name] as string)),
    );
}

function lastFirst(a: Silence, b: Silence): number {
  return a.until < b.until ? 1 : a.until > b.until ? -1 : 0;
}

function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
