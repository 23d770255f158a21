import type { Description, Link, Operation, SubjectState } from "../../plugin/index.ts";

/**
 * One root, and what of it may be shown to whoever asked: everything, or one instance. A snapshot of one version of the board. Whatever
 * answers a request takes services from here, never from the board, so that nothing is told to those it is not meant for.
 */
export interface Scope {
  /** Undefined for the bare root. */
  readonly instance: string | undefined;
  /** Prefix of its URLs: that of `base_url`, and below it nothing or `/m/<instance>`. */
  readonly base: string;
  /** Where its lists are (page, feed, HAL, events): at `base`, and for who may only look, below `<base>/public`. */
  readonly lists: string;
  readonly title: string;
  /** By source and subject. */
  readonly states: readonly SubjectState[];
  readonly related: readonly Link[];
  /** What instances said about themselves; those of this scope only. */
  readonly descriptions: ReadonlyMap<string, Description>;
  /** All roots of the same view. */
  readonly site: Site;
  /** The states of the services with that id, by URL-decoded id. More than one needs a choice. */
  find(id: string): readonly SubjectState[];
}

/** The roots of this server as one principal may see them. */
export interface Site {
  /** Prefix of every URL: empty, or the path of `base_url`. */
  readonly prefix: string;
  /** Equal for principals who are shown the same; part of the key of everything that is kept. */
  readonly audience: string;
  /** Whether whoever asked may do this. @param subject null for what belongs to no one subject */
  may(operation: Operation, subject: string | null): boolean;
  /** The bare root. */
  root(): Scope;
  /** The instances, by name. */
  instances(): ReadonlyMap<string, Scope>;
  /** The root of that instance, or the bare one; undefined for an instance that does not exist or may not be seen. */
  scope(instance: string | undefined): Scope | undefined;
}
