import { dirname, resolve } from "node:path";
import type { ConfigFiles } from "./config-files.ts";
import type { ScalarTree } from "./config-tree.ts";
import type { Problems } from "./problems.ts";
import { type Reference, splitReferences, typeScalar } from "./references.ts";
import { secretForms } from "./secret-forms.ts";
import type { Span } from "./source-text.ts";

/** A variable as shells write it. */
const WORD = /^\$\{\w+\}$/;

/** Variables that hold what must not be told. Of others, such as addresses, people want to read in the log what they are. */
const SECRET_VARIABLE = /pass|pwd|secret|token|credential|private|api_?key|dsn/i;
/** An address with a password in it. */
const PASSWORD_IN_URL = /:\/\/[^/\s@]*:[^/\s@]+@/;

/** Puts in what `${env:…}` and `${file:…}` name. */
export class ReferenceResolver {
  readonly #files: ConfigFiles;
  readonly #problems: Problems;
  /** Contents of files named by `${file:…}`, and values of variables that look like secrets. */
  readonly secrets = new Set<string>();

  constructor(files: ConfigFiles, problems: Problems) {
    this.#files = files;
    this.#problems = problems;
  }

  /** Resolves the references of one scalar. What is wrong with one of them makes the scalar a failed one. */
  async resolve(text: string, span: Span): Promise<ScalarTree> {
    const pieces = splitReferences(text);
    const hidden: string[] = [];
    let result = "";
    let failed = false;
    for (const piece of pieces) {
      if ("text" in piece) {
        result += piece.text;
        continue;
      }
      const value = await this.#lookUp(piece.reference, piece.source, span);
      if (value === undefined) failed = true;
      else {
        result += value;
        if (value !== "") hidden.push(value);
      }
    }
    if (failed) return { kind: "scalar", span, value: null, failed: true };
    const [only] = pieces;
    const whole = pieces.length === 1 && only !== undefined && "reference" in only;
    const isReference = pieces.some((piece) => "reference" in piece);
    return {
      kind: "scalar",
      span,
      value: whole ? typeScalar(result) : result,
      reference: isReference ? { text: result, hidden: [...hidden, result] } : undefined,
    };
  }

  async #lookUp(reference: Reference, source: string, span: Span): Promise<string | undefined> {
    switch (reference.kind) {
      case "env": {
        const value = this.#files.variable(reference.name) ?? "";
        if (SECRET_VARIABLE.test(reference.name) || PASSWORD_IN_URL.test(value))
          for (const form of secretForms(value)) this.secrets.add(form);
        if (value !== "") return value;
        if (reference.fallback !== undefined) return reference.fallback;
        if (this.#files.env[reference.name] !== undefined) return "";
        this.#problems.add(
          "CFG007",
          span,
          `the environment variable ${reference.name} is not set: set it, or write a default: \${env:${reference.name}:-…}`,
        );
        return undefined;
      }
      case "file": {
        const path = resolve(dirname(span.source.path), reference.path);
        const read = await this.#files.read(path);
        if ("problem" in read) {
          this.#problems.add("CFG008", span, `the file ${reference.path} ${read.problem} (${path})`);
          return undefined;
        }
        // Editors and `echo` end a file with a line break that is no part of a secret.
        const value = read.text.replace(/\r?\n$/, "");
        for (const form of secretForms(value)) this.secrets.add(form);
        return value;
      }
      default:
        this.#problems.add(
          "CFG006",
          span,
          `${source} is no reference: write \${env:NAME}, \${env:NAME:-default} or \${file:path}, or $${source} for the text itself`,
          { suggestion: WORD.test(source) ? source.replace("{", "{env:") : undefined },
        );
        return undefined;
    }
  }
}
