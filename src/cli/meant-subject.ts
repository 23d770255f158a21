import { didYouMean } from "../core/config/suggest.ts";
import { serviceId } from "../plugin/index.ts";

/**
 * Says which subject was probably meant: the one that a service's name belongs to, or the one that is written almost so.
 * @param word what somebody wrote
 * @param subjects those that there are
 * @returns `: did you mean promise/disk?`, to end a sentence with; empty where nothing is like it
 */
export function meantSubject(word: string, subjects: readonly string[]): string {
  if (subjects.includes(word)) return "";
  const lastPart = subjects.find((subject) => serviceId(subject) === word || subject.endsWith(`/${word}`));
  const meant = lastPart ?? didYouMean(word, subjects);
  return meant === undefined ? "" : `: did you mean ${meant}?`;
}
