import { LifeguardError } from "../../plugin/index.ts";

/** What somebody asks for who wants some subjects silent from now on. */
export interface SilenceRequest {
  /** Globs of subjects, at least one. */
  readonly subjects: readonly string[];
  /** Label name to globs of values; all names must match. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds. */
  readonly for: number;
  readonly why: string;
  /** Who asks; empty where nobody is known. */
  readonly by: string;
}

/** Milliseconds. What lasts longer is no passing matter: it belongs into monitors.yaml. */
const LONGEST = 90 * 86_400_000;
const SHORTEST = 1000;
const MOST_GLOBS = 100;
/** Characters of a glob: no subject is longer. */
const LONGEST_GLOB = 512;
const LONGEST_WHY = 1000;
const LONGEST_NAME = 200;

/**
 * Checks what came from outside.
 * @throws LifeguardError `SILENCE_INVALID`
 */
export function checkRequest({ subjects, labels, for: length, why, by }: SilenceRequest): SilenceRequest {
  if (subjects.length === 0 || subjects.length > MOST_GLOBS)
    throw invalid(`name 1 to ${MOST_GLOBS} globs of subjects, found ${subjects.length}`);
  const wanted = Object.entries(labels);
  const values = wanted.flatMap(([, globs]) => globs);
  if (values.length > MOST_GLOBS) throw invalid(`name at most ${MOST_GLOBS} labels`);
  for (const [name, globs] of wanted)
    if (name === "" || name.length > LONGEST_NAME || globs.length === 0)
      throw invalid(`a label has a name of 1 to ${LONGEST_NAME} characters and a value`);
  for (const glob of [...subjects, ...values])
    if (glob === "" || glob.length > LONGEST_GLOB)
      throw invalid(`a glob has 1 to ${LONGEST_GLOB} characters: write * to match everything`);
  if (!(length >= SHORTEST)) throw invalid("it lasts at least 1s");
  if (length > LONGEST)
    throw invalid("it lasts at most 90d: what lasts longer belongs under maintenance: in monitors.yaml");
  if (why.length > LONGEST_WHY) throw invalid(`the reason has at most ${LONGEST_WHY} characters`);
  if (by.length > LONGEST_NAME) throw invalid(`the name has at most ${LONGEST_NAME} characters`);
  return { subjects: [...subjects], labels: structuredClone(labels), for: Math.round(length), why, by };
}

function invalid(what: string): LifeguardError {
  return new LifeguardError("SILENCE_INVALID", `this silence cannot be: ${what}`);
}
