/** Characters of `message`, `error` and `description` that are kept: the last ones. */
export const TEXT_LIMIT = 5000;

/** Bytes of a status.json. */
export const DOCUMENT_LIMIT = 64 * 1024;

/** Characters of an event's one line. */
export const LINE_LIMIT = 500;

/** Characters of a status word, and of a title. */
export const WORD_LIMIT = 100;
export const TITLE_LIMIT = 200;

/** Measures of one run, and characters of a measure's name. */
export const MEASURES_LIMIT = 256;
export const LABEL_LIMIT = 200;

/** How deep an extra key of a promise's JSON may nest. */
export const DEPTH_LIMIT = 32;
