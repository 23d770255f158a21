import { randomBytes } from "node:crypto";
import type { SinkContext, SubjectState } from "../../plugin/index.ts";

/** So much of what has left its place is remembered; who comes later gets the whole page. */
const LEFT = 1000;

interface Entry {
  readonly id: number;
  state: SubjectState;
  revision: number;
  pass: number;
}

/** What differs since a revision. */
export interface Difference {
  /** Whether a subject looks different, or is new. */
  readonly changed: (state: SubjectState) => boolean;
  /** Ids of those that look different, and of those that have vanished. */
  readonly ids: readonly number[];
  /** The groups that these belong to, or belonged to. */
  readonly groups: ReadonlySet<string>;
}

/**
 * Numbers every visible difference of the board, so that a page that is open asks for what is new to it, and only for that. Subjects have
 * short ids here that say nothing about them. Looks at the board when it is asked, and not for every event.
 */
export class Revisions {
  readonly #ctx: Pick<SinkContext, "board" | "silences">;
  /** Ids and revisions are of this process alone. */
  readonly #epoch = randomBytes(6).toString("base64url");
  readonly #entries = new Map<string, Entry>();
  readonly #known = new WeakMap<SubjectState, Entry>();
  /** Places that subjects have left, as they vanished or went into another group. */
  #left: { readonly id: number; readonly group: string; readonly revision: number }[] = [];
  #revision = 0;
  /** What is older has to start over. */
  #floor = 0;
  #pass = 0;
  #lastId = 0;
  #seen = { board: -1, silences: -1 };

  constructor(ctx: Pick<SinkContext, "board" | "silences">) {
    this.#ctx = ctx;
  }

  /** The id of a subject that the board shows. */
  id(state: SubjectState): number {
    return this.#known.get(state)?.id ?? this.#entries.get(keyOf(state))?.id ?? 0;
  }

  /** What to ask with for what is new after now. */
  token(): string {
    this.#look();
    return `${this.#epoch}.${this.#revision}`;
  }

  /** What differs since a token; undefined where that cannot be said, and all has to be shown again. */
  since(token: string): Difference | undefined {
    this.#look();
    const [epoch, digits = ""] = token.split(".", 2);
    const after = /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
    if (epoch !== this.#epoch || after < this.#floor || after > this.#revision) return undefined;
    const left = this.#left.filter(({ revision }) => revision > after);
    const changes = after < this.#revision ? [...this.#entries.values()] : [];
    const differing = changes.filter(({ revision }) => revision > after);
    const changed = (state: SubjectState) => (this.#known.get(state)?.revision ?? after + 1) > after;
    return {
      changed,
      ids: [...left, ...differing].map(({ id }) => id),
      groups: new Set([...left.map(({ group }) => group), ...differing.map(({ state }) => state.group)]),
    };
  }

  #look(): void {
    const { board, silences } = this.#ctx;
    if (board.version === this.#seen.board && silences.version === this.#seen.silences) return;
    const next = this.#revision + 1;
    if (silences.version !== this.#seen.silences) {
      this.#revision = next;
      this.#floor = next;
    }
    this.#seen = { board: board.version, silences: silences.version };
    const states = board.subjects();
    this.#pass++;
    for (const state of states) this.#entry(state, next).pass = this.#pass;
    if (this.#entries.size > states.length) this.#forget(next);
  }

  #entry(state: SubjectState, next: number): Entry {
    const known = this.#known.get(state);
    if (known) return known;
    const key = keyOf(state);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { id: ++this.#lastId, state, revision: next, pass: 0 };
      this.#entries.set(key, entry);
      this.#revision = next;
    } else if (looksDifferent(entry.state, state)) {
      if (entry.state.group !== state.group) this.#leave(entry, next);
      entry.revision = next;
      this.#revision = next;
    }
    entry.state = state;
    this.#known.set(state, entry);
    return entry;
  }

  #forget(next: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.pass === this.#pass) continue;
      this.#entries.delete(key);
      this.#leave(entry, next);
    }
  }

  #leave({ id, state: { group } }: Entry, revision: number): void {
    this.#revision = revision;
    this.#left.push({ id, group, revision });
    if (this.#left.length <= 2 * LEFT) return;
    this.#floor = this.#left.at(-LEFT - 1)?.revision ?? revision;
    this.#left = this.#left.slice(-LEFT);
  }
}

function looksDifferent(a: SubjectState, b: SubjectState): boolean {
  return (
    a.status !== b.status ||
    a.message !== b.message ||
    a.since !== b.since ||
    a.stale !== b.stale ||
    a.description !== b.description ||
    a.group !== b.group ||
    a.instance !== b.instance ||
    (a.event === null) !== (b.event === null) ||
    JSON.stringify(a.event?.labels) !== JSON.stringify(b.event?.labels)
  );
}

function keyOf({ origin, source, subject }: SubjectState): string {
  return `${origin}\0${source}\0${subject}`;
}
