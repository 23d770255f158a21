import { Subject } from "rxjs";
import { compileGlob, type Silence, type Silenceable, type Silences } from "../../plugin/index.ts";

interface Active {
  readonly silence: Silence;
  readonly test: (target: Silenceable) => boolean;
}

/** The silences that hold now. They are told to it by whoever keeps the time. */
export class ActiveSilences implements Silences {
  readonly changes = new Subject<void>();
  readonly #active = new Map<string, Active>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  active(): readonly Silence[] {
    return [...this.#active.values()].map(({ silence }) => silence).sort(lastFirst);
  }

  of(target: Silenceable): Silence | undefined {
    if (this.#active.size === 0) return undefined;
    return [...this.#active.values()]
      .filter(({ test }) => test(target))
      .map(({ silence }) => silence)
      .sort(lastFirst)[0];
  }

  /** It holds from now on. */
  begin(silence: Silence): void {
    this.#active.set(silence.id, { silence, test: testOf(silence) });
    this.#changed();
  }

  /** It does not hold any more. */
  end(id: string): void {
    if (this.#active.delete(id)) this.#changed();
  }

  #changed(): void {
    this.#version++;
    this.changes.next();
  }
}

function testOf({ subjects, labels }: Silence): (target: Silenceable) => boolean {
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
