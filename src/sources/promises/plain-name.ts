const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** The name of a file as part of a subject, which must fit on one line: what cannot be shown becomes U+FFFD. */
export function plainName(name: string): string {
  return name.replace(CONTROLS, "\uFFFD");
}
