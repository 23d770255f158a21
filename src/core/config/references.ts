/** One `${…}` in a text. */
export type Reference =
  | { readonly kind: "env"; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "malformed" };

/** A piece of a text: as it stands, or a reference. */
export type Piece = { readonly text: string } | { readonly reference: Reference; readonly source: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Cuts a text into what stands there and its references. `$${` is a literal `${`. */
export function splitReferences(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  let index = 0;
  while (index < text.length) {
    if (text.startsWith("$${", index)) {
      literal += "${";
      index += 3;
    } else if (text.startsWith("${", index)) {
      const close = text.indexOf("}", index);
      const end = close < 0 ? text.length : close + 1;
      if (literal !== "") pieces.push({ text: literal });
      literal = "";
      const source = text.slice(index, end);
      pieces.push({
        source,
        reference: close < 0 ? { kind: "malformed" } : parseReference(source.slice(2, -1)),
      });
      index = end;
    } else {
      literal += text[index];
      index++;
    }
  }
  if (literal !== "" || pieces.length === 0) pieces.push({ text: literal });
  return pieces;
}

function parseReference(inside: string): Reference {
  if (inside.startsWith("file:")) {
    const path = inside.slice("file:".length);
    return path === "" ? { kind: "malformed" } : { kind: "file", path };
  }
  if (!inside.startsWith("env:")) return { kind: "malformed" };
  const [name = "", ...rest] = inside.slice("env:".length).split(":-");
  if (!NAME.test(name)) return { kind: "malformed" };
  return { kind: "env", name, fallback: rest.length > 0 ? rest.join(":-") : undefined };
}

const INTEGER = /^[-+]?\d+$/;
const RADIX = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/** Types a text as YAML's core schema types a plain scalar, numbers and booleans only. */
export function typeScalar(text: string): string | number | boolean {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (INTEGER.test(text) || RADIX.test(text) || FLOAT.test(text)) return Number(text);
  return text;
}
