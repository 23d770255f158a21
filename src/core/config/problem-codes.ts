/** Every code that a configuration problem can have, with one line for the reference page. Codes are never reused. */
export const PROBLEM_CODES = {
  CFG001: "A file cannot be read: it is missing, a folder, too large, or not UTF-8 text.",
  CFG002: "The text is not valid YAML.",
  CFG003: "A key stands twice in one map.",
  CFG004: "Maps and lists are nested too deeply, or aliases make far too much of them.",
  CFG005: "An included file is missing, or includes itself.",
  CFG006: `A reference \${…} is not written as \${env:NAME}, \${env:NAME:-default} or \${file:path}.`,
  CFG007: "An environment variable is not set, and the reference gives no default.",
  CFG008: `A file named by \${file:path} cannot be read.`,
  CFG009: `A secret stands in plain text; it must come by \${env:NAME} or \${file:path}.`,
  CFG010: "A value has the wrong type.",
  CFG011: "A required key is missing.",
  CFG012: "A key is unknown.",
  CFG013: "A value is none of those allowed.",
  CFG014: "A value does not fit: too small, too large, wrong form, or refused by the plugin.",
  CFG015: "A name stands in two files.",
  CFG016: "A plugin is unknown.",
  CFG017: "A plugin's file is missing or does not load.",
  CFG018:
    "A plugin breaks the contract: no definition, wrong kind, other version, reserved key, unusable schema.",
  CFG019: "A role is unknown.",
  CFG020: "A source or sink that is named nowhere is referred to.",
  CFG021: "A name of a source, sink or role has characters that cannot be in one.",
  CFG022: "Not a duration.",
  CFG023: "Not a size.",
  CFG024: "Not a glob.",
  CFG025: "Not a cron expression of five fields.",
  CFG026: "Not a path.",
  CFG027: "A warning: a file or folder that is named is not there.",
  CFG028: "A warning: nothing runs, or the role leaves out every source or every sink.",
} as const;

/** One of the codes. */
export type ProblemCode = keyof typeof PROBLEM_CODES;
